#include "storage/home.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "storage/homes.h"
#include "storage/local_file_store.h"
#include "storage/testing/gated_store.h"

namespace sampan::storage {
namespace {

constexpr std::uint64_t mebibyte = 1U << 20;

class HomeTest : public ::testing::Test {
 protected:
  HomeTest() {
    for (const char* folder : {"/homes", "/staging"})
      std::filesystem::create_directory(root_.path() + folder);
    EXPECT_TRUE(make_home(*disk::Directory::open_trusted(root_.path() + "/homes"), "alice"));
    open();
  }
  // As after a restart of the server.
  void open() {
    homes_ = std::make_unique<Homes>(*disk::Directory::open_trusted(root_.path() + "/homes"),
                                     *disk::Directory::open_trusted(root_.path() + "/staging"));
    home_ = *homes_->open("alice");
  }
  static VirtualPath path(const std::string& text) { return *VirtualPath::parse(text); }
  Result<Receipt> put(const std::string& name, const std::string& bytes) {
    const std::vector<WholeFile> files = {
        {{path(name), bytes.size(), {1'000'000'000, 1}, 0644}, as_bytes(bytes), digest_of(as_bytes(bytes))}};
    return home_->put(files).front();
  }
  static WholeFile file(const std::string& name, const char* text) {
    return {{path(name), std::string_view(text).size(), {}, 0644}, as_bytes(text), digest_of(as_bytes(text))};
  }
  std::string read(const std::string& name) const {
    std::ifstream file(root_.path() + "/homes/alice/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // The one truth about the ledger: it is what the disk holds, plus what is promised.
  void expect_ledger_is_the_disk() {
    const Usage before = home_->used();
    home_.reset();
    open();
    EXPECT_EQ(home_->used(), before);
  }

  sampan::testing::TemporaryDirectory root_;
  std::unique_ptr<Homes> homes_;
  std::shared_ptr<Home> home_;
};

TEST_F(HomeTest, PutGivesAReceiptAndTheFile) {
  const auto receipt = put("report", "bytes");
  ASSERT_TRUE(receipt) << receipt.error().message();
  EXPECT_EQ(receipt->digest, digest_of(as_bytes("bytes")));
  EXPECT_EQ(read("report"), "bytes");
  const auto file = home_->open_file(path("report"));
  EXPECT_EQ(*(*file)->digest(), receipt->digest);
  EXPECT_EQ((*file)->entry().mtime, (FileTime{1'000'000'000, 1}));
  EXPECT_EQ(home_->used(), (Usage{5, 1}));
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, RefusalsChangeNothing) {
  home_->set_limits({10, 3});
  ASSERT_TRUE(put("a", "12345"));
  EXPECT_EQ(put("b", "123456").error().code(), ErrorCode::over_quota);
  EXPECT_EQ(put("no/such", "1").error().code(), ErrorCode::not_found);
  ASSERT_TRUE(home_->make_directory(path("d"), 0755, false));
  EXPECT_EQ(put("d", "1").error().code(), ErrorCode::is_a_directory);
  ASSERT_TRUE(put("c", "12345"));
  EXPECT_EQ(put("e", "").error().code(), ErrorCode::too_many_files);
  EXPECT_EQ(home_->make_directory(path("f"), 0755, false).error().code(), ErrorCode::too_many_files);
  EXPECT_EQ(home_->make_directory(path("d"), 0755, false).error().code(), ErrorCode::exists);
  const std::vector<WholeFile> lying = {{{path("x"), 1, {}, 0644}, as_bytes("y"), digest_of(as_bytes("x"))}};
  EXPECT_EQ(home_->put(lying).front().error().code(), ErrorCode::wrong_digest);
  EXPECT_EQ(home_->used(), (Usage{10, 3}));
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, AGroupOfPutsHasAnOutcomeEach) {
  home_->set_limits({6, std::nullopt});
  const std::vector<WholeFile> files = {file("a", "123"), file("no/b", "1"), file("c", "1234"),
                                        file("a", "45")};
  const auto outcomes = home_->put(files);
  EXPECT_TRUE(outcomes[0]);
  EXPECT_EQ(outcomes[1].error().code(), ErrorCode::not_found);
  EXPECT_EQ(outcomes[2].error().code(), ErrorCode::over_quota);
  EXPECT_TRUE(outcomes[3]);
  EXPECT_EQ(read("a"), "45");
  EXPECT_EQ(home_->used(), (Usage{2, 1}));
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, WhatIsReplacedMakesRoomWithinItsGroup) {
  home_->set_limits({14, std::nullopt});
  ASSERT_TRUE(put("a", "aaaaa"));
  ASSERT_TRUE(put("b", "bbbb"));
  // Each fits beside the one that it replaces; both at once would not.
  const std::vector<WholeFile> files = {file("a", "AAAAA"), file("b", "BBBB"), file("c", "ccccccc"),
                                        file("b", "bb")};
  const auto outcomes = home_->put(files);
  EXPECT_TRUE(outcomes[0]);
  EXPECT_TRUE(outcomes[1]);
  EXPECT_EQ(outcomes[2].error().code(), ErrorCode::over_quota);
  EXPECT_TRUE(outcomes[3]);
  EXPECT_EQ(read("a"), "AAAAA");
  EXPECT_EQ(read("b"), "bb") << "the later of two";
  EXPECT_EQ(home_->used(), (Usage{7, 2}));
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, WhileOneGroupIsPublishedTheNextIsStaged) {
  home_->set_limits({6, std::nullopt});
  const std::vector<WholeFile> files = {file("a", "1234")};
  const std::vector<WholeFile> too_much = {file("b", "123")};
  std::unique_ptr<Home::StagedGroup> next;
  const auto outcomes = home_->publish(home_->stage(files), [&] { next = home_->stage(too_much); });
  EXPECT_TRUE(outcomes.front());
  EXPECT_EQ(home_->publish(std::move(next)).front().error().code(), ErrorCode::over_quota);
  EXPECT_EQ(read("a"), "1234");
  EXPECT_EQ(home_->used(), (Usage{4, 1}));
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, TheNextGroupTakesNoRoomBeforeWhatStandsBeforeIt) {
  home_->set_limits({13, std::nullopt});
  ASSERT_TRUE(put("a", "a"));
  ASSERT_TRUE(put("b", "bbbb"));
  const std::vector<WholeFile> files = {file("a", "AAAAA"), file("b", "BBBB")};
  const std::vector<WholeFile> later = {file("c", "ccc"), file("d", "dddd")};
  std::unique_ptr<Home::StagedGroup> next;
  const auto outcomes = home_->publish(home_->stage(files), [&] { next = home_->stage(later); });
  EXPECT_TRUE(outcomes[0]);
  EXPECT_TRUE(outcomes[1]) << "it fits once the first has replaced what it replaces";
  const auto then = home_->publish(std::move(next));
  EXPECT_TRUE(then[0]);
  EXPECT_EQ(then[1].error().code(), ErrorCode::over_quota);
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, AGroupThatIsNotPublishedLeavesNothing) {
  const std::vector<WholeFile> files = {file("a", "a")};
  auto staged = home_->stage(files);
  EXPECT_EQ(home_->used(), (Usage{1, 1}));
  staged.reset();
  EXPECT_EQ(home_->used(), Usage());
  EXPECT_EQ(home_->list(path("/"), 0, 10)->entries.size(), 0U);
  EXPECT_TRUE(std::filesystem::is_empty(root_.path() + "/staging/alice"));
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, AGroupOfDirectoriesHasAnOutcomeEach) {
  home_->set_limits({std::nullopt, 5});
  const std::vector<NewDirectory> directories = {
      {path("a"), 0755, false},   {path("no/b"), 0755, false}, {path("a"), 0755, false},
      {path("a/b"), 0700, false}, {path("a"), 0755, true},     {path("x/y"), 0755, true},
      {path("/"), 0755, true},    {path("/"), 0755, false},    {path("one/too/many"), 0755, true}};
  std::vector<std::optional<ErrorCode>> codes;
  for (const Result<>& outcome : home_->make_directories(directories))
    codes.push_back(outcome ? std::nullopt : std::optional(outcome.error().code()));
  const std::vector<std::optional<ErrorCode>> expected = {
      std::nullopt, ErrorCode::not_found, ErrorCode::exists,        std::nullopt, std::nullopt, std::nullopt,
      std::nullopt, ErrorCode::exists,    ErrorCode::too_many_files};
  EXPECT_EQ(codes, expected);
  EXPECT_EQ(home_->stat(path("a/b"))->mode, 0700U);
  EXPECT_EQ(home_->used(), (Usage{0, 5})) << "what was made on the way to a failure stays, and counts";
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, NothingIsPromisedBelowADirectoryWhoseSyncFails) {
  testing::Gate unused;
  auto store = std::make_unique<testing::GatedStore>(
      std::make_unique<LocalFileStore>(*disk::Directory::open_trusted(root_.path() + "/homes/alice"),
                                       *disk::Directory::open_trusted(root_.path() + "/staging/alice"), 1024),
      unused);
  std::vector<NewDirectory> chain;
  std::string name = "d";
  for (int i = 0; i < 8; ++i, name += "/d") chain.push_back({path(name), 0755, false});
  // The topmost fails when all others have been synced: they are side by side.
  std::latch others(static_cast<std::ptrdiff_t>(chain.size()) - 1);
  store->set_on_sync([&](const VirtualPath& directory) -> Result<> {
    if (!directory.is_root()) {
      others.count_down();
      return {};
    }
    others.wait();
    return fail(ErrorCode::io_error);
  });
  const auto home = *Home::open(std::move(store));
  for (const Result<>& outcome : home->make_directories(chain)) EXPECT_FALSE(outcome);
}

TEST_F(HomeTest, RemovingAndRenamingKeepTheLedgerExact) {
  ASSERT_TRUE(put("a", "aaaa"));
  ASSERT_TRUE(put("b", "bb"));
  EXPECT_EQ(home_->rename(path("a"), path("b"), false).error().code(), ErrorCode::exists);
  ASSERT_TRUE(home_->rename(path("a"), path("b"), true));
  EXPECT_EQ(home_->used(), (Usage{4, 1}));
  ASSERT_TRUE(home_->make_directory(path("x/y/z"), 0755, true));
  ASSERT_TRUE(home_->make_directory(path("x/y/z"), 0755, true));
  EXPECT_EQ(home_->used(), (Usage{4, 4}));
  EXPECT_EQ(home_->rename(path("x"), path("x/y/z/x"), false).error().code(), ErrorCode::invalid);
  EXPECT_EQ(home_->remove_directory(path("x")).error().code(), ErrorCode::not_empty);
  EXPECT_EQ(home_->remove_directory(path("b")).error().code(), ErrorCode::not_a_directory);
  EXPECT_EQ(home_->remove_file(path("x")).error().code(), ErrorCode::is_a_directory);
  EXPECT_FALSE(home_->remove_directory(path("/")));
  EXPECT_FALSE(home_->remove_file(path("/")));
  ASSERT_TRUE(home_->remove_file(path("b")));
  ASSERT_TRUE(home_->remove_directory(path("x/y/z")));
  EXPECT_EQ(home_->used(), (Usage{0, 2}));
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, SixteenAtOnceIntoRoomForTen) {
  RecordProperty("proves", "R6.3");
  home_->set_limits({10 * mebibyte, std::nullopt});
  const std::string bytes(mebibyte, 'x');
  std::atomic<int> succeeded = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&, i] {
      const auto receipt = put("f" + std::to_string(i), bytes);
      if (receipt) ++succeeded;
      if (!receipt && receipt.error().code() == ErrorCode::over_quota) ++refused;
    });
  threads.clear();
  EXPECT_EQ(succeeded, 10);
  EXPECT_EQ(refused, 6);
  EXPECT_EQ(home_->used(), (Usage{10 * mebibyte, 10}));
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, SixteenMakeOneDirectory) {
  RecordProperty("proves", "R8.6");
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> made = 0;
    std::latch start(16);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i)
      threads.emplace_back([&] {
        start.arrive_and_wait();
        made += home_->make_directory(path("d" + std::to_string(round)), 0755, false).has_value() ? 1 : 0;
      });
    threads.clear();
    EXPECT_EQ(made, 1);
  }
  expect_ledger_is_the_disk();
}

TEST_F(HomeTest, TheKeptDigestIsBelievedOnlyWithItsStamp) {
  ASSERT_TRUE(put("a", "first"));
  std::ofstream(root_.path() + "/homes/alice/a") << "other";  // same size, another time
  EXPECT_EQ(*(*home_->open_file(path("a")))->digest(), digest_of(as_bytes("other")));
}

TEST_F(HomeTest, AReaderKeepsItsVersion) {
  ASSERT_TRUE(put("a", "old"));
  const auto file = home_->open_file(path("a"));
  ASSERT_TRUE(put("a", "new and longer"));
  std::string seen(3, '\0');
  ASSERT_TRUE((*file)->read(std::as_writable_bytes(std::span(seen)), 0));
  EXPECT_EQ(seen, "old");
  ASSERT_TRUE(home_->remove_file(path("a")));
  ASSERT_TRUE((*file)->read(std::as_writable_bytes(std::span(seen)), 0));
  EXPECT_EQ(seen, "old");
}

TEST_F(HomeTest, AHomeThatWasPurgedIsNotTheOneThatIsMadeAnew) {
  ASSERT_TRUE(put("a", "old"));
  ASSERT_TRUE(purge_home(*disk::Directory::open_trusted(root_.path() + "/homes"),
                         *disk::Directory::open_trusted(root_.path() + "/staging"), "alice"));
  ASSERT_TRUE(make_home(*disk::Directory::open_trusted(root_.path() + "/homes"), "alice"));
  home_ = *homes_->open("alice");
  EXPECT_EQ(home_->used(), Usage{});
  EXPECT_TRUE(put("b", "new"));
  EXPECT_EQ(read("b"), "new");
}

TEST_F(HomeTest, NothingTakesThePlaceOfAHome) {
  RecordProperty("proves", "R5.5");
  const std::string homes = root_.path() + "/homes/";
  std::filesystem::create_directory(homes + "bob");
  std::filesystem::create_directory(homes + "carol");
  std::filesystem::create_directory_symlink("bob", homes + "to-bob");
  std::filesystem::create_directory_symlink("/", homes + "to-root");
  std::ofstream(homes + "file") << "text";
  for (const char* user : {"nobody", "to-bob", "to-root", "file"})
    EXPECT_EQ(homes_->open(user).error().code(), ErrorCode::denied) << user;
  EXPECT_FALSE(std::filesystem::exists(homes + "nobody")) << "a login makes no home";

  // Also where the home was there at an earlier login.
  ASSERT_TRUE(homes_->open("carol"));
  std::filesystem::rename(homes + "carol", homes + "old-carol");
  EXPECT_EQ(homes_->open("carol").error().code(), ErrorCode::denied);
  std::filesystem::create_directory_symlink("bob", homes + "carol");
  EXPECT_EQ(homes_->open("carol").error().code(), ErrorCode::denied);

  const auto base = *disk::Directory::open_trusted(root_.path() + "/homes");
  EXPECT_FALSE(make_home(base, "to-bob"));
  EXPECT_FALSE(make_home(base, "file"));
  EXPECT_TRUE(make_home(base, "bob"));
}

TEST_F(HomeTest, WhatAKilledServerLeftAsideIsNotCountedAndNotKept) {
  const std::string aside = root_.path() + "/staging/alice/";
  std::ofstream(aside + "0123.small") << "a put that was not published";
  std::ofstream(aside + "4567.part") << "an upload that was being removed";
  std::ofstream(aside + "89ab.journal") << "an upload that was being made";
  open();
  EXPECT_EQ(home_->used(), Usage{});
  EXPECT_TRUE(std::filesystem::is_empty(aside));
}

}  // namespace
}  // namespace sampan::storage
