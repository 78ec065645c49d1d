// Whole directories there and back.
#include <map>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "client/tree.h"
#include "in_memory/testing/both_sides.h"

namespace sampan::tests {
namespace {

namespace fs = std::filesystem;
using client::Connection;
using client::TreeCounts;

class TreesTest : public BothSides {
 protected:
  Result<TreeCounts> put(Connection& connection, const std::string& local, const std::string& remote) {
    start();
    return loop_.run(client::upload_tree(connection, here(local), remote, progress_, on_failed_));
  }
  Result<TreeCounts> get(Connection& connection, const std::string& remote, const std::string& local) {
    start();
    return loop_.run(client::download_tree(connection, remote, here(local), progress_, on_failed_));
  }
  void start() {
    progress_ = {};
    failed_.clear();
  }
  // Directories and files with their modes, times and bytes.
  std::map<std::string, std::string> tree(const std::string& name) const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(here(name))) {
      struct stat status {};
      EXPECT_EQ(stat(entry.path().c_str(), &status), 0);
      const std::string relative = fs::relative(entry.path(), here(name)).string();
      found[relative] = std::to_string(status.st_mode) + " " + std::to_string(status.st_mtim.tv_sec) + "." +
                        std::to_string(status.st_mtim.tv_nsec) + " " +
                        (entry.is_directory() ? "" : read(name + "/" + relative));
    }
    return found;
  }
  void make_tree() const {
    for (const char* name : {"tree", "tree/empty", "tree/a", "tree/a/b", "tree/\xe6\x8a\xa5\xe5\x91\x8a"})
      fs::create_directory(here(name));
    for (int i = 0; i < 150; ++i)
      write("tree/a/" + std::to_string(i), bytes(static_cast<std::size_t>(i) * 100));
    write("tree/a/b/large", bytes(1'500'000));
    write("tree/\xe6\x8a\xa5\xe5\x91\x8a/no\xfft utf-8", "text");
    write("tree/empty file", "");
    fs::permissions(here("tree/a"), fs::perms::owner_all);
    fs::permissions(here("tree/empty file"), fs::perms::owner_read);
  }

  RecordedProgress progress_;
  std::map<std::string, ErrorCode> failed_;
  const client::OnFailed on_failed_ = [this](const std::string& item, const Error& error) {
    failed_[item] = error.code();
  };
};

TEST_F(TreesTest, ATreeThereAndBackIsTheSame) {
  RecordProperty("proves", "R10.3");
  make_tree();
  const auto connection = connect();
  const auto sent = put(*connection, "tree", "copy");
  ASSERT_TRUE(sent) << sent.error().message();
  EXPECT_EQ(sent->files, 153U);
  EXPECT_EQ(sent->failed, 0U);
  EXPECT_EQ(progress_.done, progress_.total);
  EXPECT_EQ(progress_.failed, std::nullopt);

  const auto fetched = get(*connection, "copy", "back");
  ASSERT_TRUE(fetched) << fetched.error().message();
  EXPECT_EQ(fetched->files, 153U);
  EXPECT_EQ(progress_.done, progress_.total);
  EXPECT_EQ(tree("back"), tree("tree"));
  EXPECT_TRUE(failed_.empty());

  EXPECT_EQ(put(*connection, "tree", "copy")->skipped, 153U) << "nothing is sent twice";
  EXPECT_EQ(get(*connection, "copy", "back")->skipped, 153U);
  EXPECT_EQ(get(*connection, "/", "home")->files, 153U);
  EXPECT_EQ(tree("home/copy"), tree("tree"));
}

TEST_F(TreesTest, OnlyWhatIsNewOrChangedTravels) {
  make_tree();
  const auto connection = connect();
  ASSERT_TRUE(put(*connection, "tree", "copy"));
  write("tree/a/3", "changed");
  write("tree/new", "new");
  fs::permissions(here("tree/a/4"), fs::perms::owner_read);
  const auto again = put(*connection, "tree", "copy");
  EXPECT_EQ(again->files, 2U);
  EXPECT_EQ(stored("copy/a/3"), "changed");
  EXPECT_EQ(stored("copy/new"), "new");
  EXPECT_EQ(house_.home().stat(path("copy/a/4"))->mode, 0400U);
}

TEST_F(TreesTest, DirectoriesKeepTheirModesAndTimesWhateverIsSentAgain) {
  make_tree();
  const auto connection = connect();
  const auto same_there = [&](const char* why) {
    ASSERT_TRUE(put(*connection, "tree", "copy")) << why;
    ASSERT_TRUE(get(*connection, "copy", "back")) << why;
    EXPECT_EQ(tree("back"), tree("tree")) << why;
    fs::remove_all(here("back"));
  };
  const auto remember_time = [&](const char* name) { return fs::last_write_time(here(name)); };
  same_there("new");
  same_there("again");
  const auto before = remember_time("tree/a");
  write("tree/a/3", "changed");
  fs::last_write_time(here("tree/a"), before);
  same_there("something is sent into a directory that looks the same");
  write("tree/a/new", "new");
  same_there("a directory that has another time");
  fs::permissions(here("tree/a/b"), fs::perms::owner_all | fs::perms::group_read);
  same_there("a directory that has another mode");
  fs::create_directory(here("tree/a/b/c"));
  same_there("a directory that is new in one that was there");
}

TEST_F(TreesTest, LargeFilesGoOverAConnectionOfTheirOwnThatMayBeLost) {
  make_tree();
  for (unsigned i = 0; i < 6; ++i) write("tree/large " + std::to_string(i), bytes(1'200'000 + i, i));
  std::vector<std::uint64_t> places = {UINT64_MAX};
  for (std::uint64_t at = 0; at < 2'500; at += 307) places.push_back(at);
  for (std::uint64_t at = 100'000; at < 5'000'000; at += 390'001) places.push_back(at);
  for (const std::uint64_t at : places) {
    Line slow;  // else the tree is through in fewer turns than a login takes
    slow.holds = 64 * 1024;
    beside_ = slow;
    beside_.from_first = at;
    dialled_ = 0;
    const auto connection = connect(slow);
    const auto sent = put(*connection, "tree", "copy");
    ASSERT_TRUE(sent) << at << ": " << sent.error().message();
    EXPECT_EQ(dialled_, 2) << at;
    EXPECT_EQ(sent->files, 159U) << at;
    EXPECT_EQ(sent->failed, 0U) << at;
    EXPECT_EQ(progress_.done, progress_.total) << at << ": what was sent twice counts once";
    ASSERT_TRUE(get(*connection, "copy", "back"));
    EXPECT_EQ(tree("back"), tree("tree")) << at;
    EXPECT_TRUE(house_.home().pending_uploads()->empty()) << at;
    leave(*connection);
    fs::remove_all(here("back"));
    house_.settle();
    house_.homes().make("alice");
  }
}

TEST_F(TreesTest, LargeFilesThatHadArrivedAreNotFetchedAgain) {
  make_tree();
  for (unsigned i = 0; i < 6; ++i) write("tree/large " + std::to_string(i), bytes(1'200'000 + i, i));
  ASSERT_TRUE(put(*connect(), "tree", "copy"));
  Line first;
  first.from_second = 6'000'000;
  EXPECT_TRUE(cut([&] { (void)get(*connect(first), "copy", "back"); }));
  const std::uint64_t whole = progress_.total;
  const std::uint64_t arrived = progress_.done;
  EXPECT_GT(arrived, 5'000'000U);
  Line second;
  second.from_second = whole - arrived + 600'000;  // listings, and two pieces that were on their way
  const auto fetched = get(*connect(second), "copy", "back");
  ASSERT_TRUE(fetched) << fetched.error().message();
  EXPECT_EQ(tree("back"), tree("tree"));
}

TEST_F(TreesTest, WhatFitsOneAfterAnotherIsNotRefusedBecauseOfWhatIsSentBeside) {
  constexpr std::size_t large = 4'000'000;
  fs::create_directory(here("tree"));
  Line slow;
  slow.holds = 64 * 1024;
  beside_ = slow;
  accounts::Account alice = house_.accounts().find("alice").value();
  alice.quota = 3 * large + 100'000;  // both, and a new one of either
  house_.accounts().set(alice);
  for (const unsigned seed : {1U, 2U}) {
    for (const unsigned i : {0U, 1U}) write("tree/large " + std::to_string(i), bytes(large, 2 * seed + i));
    for (unsigned i = 0; i < 20; ++i) write("tree/" + std::to_string(i), bytes(4000 + seed, i));
    dialled_ = 0;
    const auto connection = connect(slow);
    const auto sent = put(*connection, "tree", "copy");
    ASSERT_TRUE(sent) << sent.error().message();
    EXPECT_EQ(sent->failed, 0U) << seed;
    EXPECT_EQ(sent->files, 22U) << seed;
    EXPECT_EQ(progress_.done, progress_.total) << seed;
    EXPECT_EQ(dialled_, 2);
    EXPECT_EQ(stored("copy/large 1"), read("tree/large 1"));
    leave(*connection);
  }
  EXPECT_TRUE(failed_.empty());
}

TEST_F(TreesTest, OneLargeFileNeedsNoOtherConnection) {
  make_tree();
  const auto connection = connect();
  ASSERT_TRUE(put(*connection, "tree", "copy"));
  EXPECT_EQ(dialled_, 1);
}

TEST_F(TreesTest, WhatFailsIsNamedAndTheOthersGoOn) {
  make_tree();
  ASSERT_EQ(mkfifo(here("tree/fifo").c_str(), 0600), 0);
  fs::create_directory_symlink(".", here("tree/a/loop"));
  fs::create_symlink("nowhere", here("tree/dangling"));
  fs::create_symlink("a/7", here("tree/link"));
  const auto connection = connect();
  ASSERT_TRUE(house_.home().make_directory(path("copy/a/5"), 0755, true));
  store("copy/empty", "a file in the place of a directory");
  const auto sent = put(*connection, "tree", "copy");
  ASSERT_TRUE(sent) << sent.error().message();
  EXPECT_EQ(failed_[here("tree/fifo")], ErrorCode::not_a_file);
  EXPECT_TRUE(failed_.contains(here("tree/a/loop")));
  EXPECT_EQ(failed_[here("tree/dangling")], ErrorCode::not_found);
  EXPECT_EQ(failed_[here("tree/a/5")], ErrorCode::is_a_directory);
  EXPECT_TRUE(failed_.contains(here("tree/empty")));
  EXPECT_EQ(sent->failed, failed_.size());
  EXPECT_EQ(progress_.failed, ErrorCode::incomplete);
  EXPECT_EQ(stored("copy/link"), read("tree/a/7")) << "links are followed";
  EXPECT_EQ(stored("copy/a/149"), read("tree/a/149"));
}

TEST_F(TreesTest, WhatIsInTheWayHereIsNamedToo) {
  make_tree();
  const auto connection = connect();
  ASSERT_TRUE(put(*connection, "tree", "copy"));
  fs::create_directories(here("back/a/5"));
  write("back/empty", "a file in the place of a directory");
  const auto fetched = get(*connection, "copy", "back");
  ASSERT_TRUE(fetched) << fetched.error().message();
  EXPECT_EQ(failed_, (std::map<std::string, ErrorCode>{{"copy/a/5", ErrorCode::is_a_directory},
                                                       {"copy/empty", ErrorCode::not_a_directory}}));
  EXPECT_EQ(read("back/a/149"), read("tree/a/149"));
  EXPECT_EQ(get(*connection, "none", "back").error().code(), ErrorCode::not_found);
  EXPECT_EQ(get(*connection, "copy/a/6", "back").error().code(), ErrorCode::not_a_directory);
}

TEST_F(TreesTest, ATreeThatIsCutAnywhereIsCompletedByTheNextAttempt) {
  make_tree();
  for (const std::uint64_t carried : {2'000U, 5'000U, 20'000U, 300'000U, 1'000'000U, 2'500'000U}) {
    Line up;
    up.from_first = carried;
    EXPECT_TRUE(cut([&] { (void)put(*connect(up), "tree", "copy"); })) << carried;
    EXPECT_EQ(cut([&] {
                const auto sent = put(*connect(), "tree", "copy");
                ASSERT_TRUE(sent) << sent.error().message();
                EXPECT_EQ(sent->files + sent->skipped, 153U);
              }),
              std::nullopt);
    Line down;
    down.from_second = carried;
    EXPECT_TRUE(cut([&] { (void)get(*connect(down), "copy", "back"); })) << carried;
    EXPECT_EQ(cut([&] {
                const auto fetched = get(*connect(), "copy", "back");
                ASSERT_TRUE(fetched) << fetched.error().message();
                EXPECT_EQ(fetched->files + fetched->skipped, 153U);
              }),
              std::nullopt);
    EXPECT_EQ(tree("back"), tree("tree")) << carried;
    fs::remove_all(here("back"));
    house_.homes().make("alice");
  }
}

}  // namespace
}  // namespace sampan::tests
