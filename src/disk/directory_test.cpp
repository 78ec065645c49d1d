#include "disk/directory.h"

#include <array>
#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"
#include "disk/small_file.h"

namespace sampan::disk {
namespace {

// A home with a neighbour that nobody in the home may reach: everything hostile here aims at the neighbour's
// canary.
class DirectoryTest : public ::testing::Test {
 protected:
  DirectoryTest() : home_(*Directory::make_trusted(root_.path() + "/home", 0700)) {
    ::mkdir((root_.path() + "/outside").c_str(), 0700);
    write(root_.path() + "/outside/canary", "canary");
  }

  static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void link(const std::string& target, const std::string& name) {
    ASSERT_EQ(::symlink(target.c_str(), (root_.path() + "/home/" + name).c_str()), 0);
  }
  void expect_outside_untouched() const {
    EXPECT_EQ(read(root_.path() + "/outside/canary"), "canary");
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(root_.path() + "/outside"))
      ++entries;
    EXPECT_EQ(entries, 1U);
  }

  testing::TemporaryDirectory root_;
  Directory home_;
};

TEST_F(DirectoryTest, NoPathLeadsOut) {
  link("../outside/canary", "file-link");
  link("../outside", "directory-link");
  link(root_.path() + "/outside", "absolute-link");
  link("file-link", "chain");
  link("../outside/new", "dangling");
  link(root_.path() + "/outside/new", "absolute-dangling");
  for (const std::string path :
       {"..", "../outside/canary", "a/../../outside/canary", "file-link", "directory-link/canary",
        "absolute-link/canary", "chain", "dangling", "/etc/passwd", "/"}) {
    EXPECT_FALSE(home_.open_file(path, O_RDONLY)) << path;
    EXPECT_FALSE(home_.stat(path)) << path;
    EXPECT_FALSE(home_.list(path, 0, 10)) << path;
  }
  for (const std::string path :
       {"../outside/new", "directory-link/new", "absolute-link/new", "dangling", "absolute-dangling"}) {
    EXPECT_FALSE(home_.open_file(path, O_CREAT | O_WRONLY)) << path;
    EXPECT_FALSE(home_.make_directory(path)) << path;
  }
  for (const std::string path : {"../outside/new", "directory-link/new", "absolute-link/new"}) {
    EXPECT_FALSE(home_.set_times(path, {})) << path;
    auto file = SmallFile::write(home_, "staged", as_bytes("x"), 0644, {});
    ASSERT_TRUE(file);
    EXPECT_FALSE(file->publish(home_, path)) << path;
  }
  for (const std::string path : {"directory-link/canary", "absolute-link/canary", "../outside/canary"}) {
    EXPECT_FALSE(home_.remove_file(path)) << path;
    EXPECT_FALSE(home_.rename(path, "stolen", true)) << path;
    EXPECT_FALSE(home_.set_mode(path, 0777)) << path;
  }
  expect_outside_untouched();
}

TEST_F(DirectoryTest, AnAbsolutePathIsRefusedAlsoByItsLastName) {
  write(root_.path() + "/home/x", "x");
  EXPECT_EQ(home_.make_directory("/new").error().code(), ErrorCode::denied);
  EXPECT_EQ(home_.remove_file("/x").error().code(), ErrorCode::denied);
  EXPECT_EQ(home_.link_stat("/x").error().code(), ErrorCode::denied);
  EXPECT_EQ(home_.rename("/x", "y", true).error().code(), ErrorCode::denied);
  EXPECT_EQ(home_.rename("x", "/y", true).error().code(), ErrorCode::denied);
  EXPECT_EQ(home_.list("", 0, 10)->entries.size(), 1U);
}

TEST_F(DirectoryTest, MagicLinksAreNotFollowed) {
  const auto proc = Directory::open_trusted("/proc/self");
  ASSERT_TRUE(proc);
  const std::string held = "fd/" + std::to_string(home_.fd());
  for (const std::string& path : {std::string("cwd"), std::string("root"), held}) {
    EXPECT_EQ(proc->open_directory(path).error().code(), ErrorCode::denied) << path;
    EXPECT_EQ(proc->stat(path).error().code(), ErrorCode::denied) << path;
  }
  EXPECT_EQ(proc->open_file("exe", O_RDONLY).error().code(), ErrorCode::denied);
}

TEST_F(DirectoryTest, ANulByteEndsNoPath) {
  write(root_.path() + "/home/x", "x");
  const std::string path("x\0y", 3);
  EXPECT_EQ(home_.stat(path).error().code(), ErrorCode::invalid);
  EXPECT_EQ(home_.remove_file(path).error().code(), ErrorCode::invalid);
  EXPECT_EQ(home_.make_directory(std::string("x\0/y", 4)).error().code(), ErrorCode::invalid);
}

TEST_F(DirectoryTest, AttributesAreNeverSetThroughALink) {
  write(root_.path() + "/home/file", "inside");
  link("file", "inner");
  link("../outside/canary", "outer");
  ASSERT_TRUE(home_.set_mode("file", 0640));
  const FileInfo inside = *home_.stat("file");
  const Directory outside = *Directory::open_trusted(root_.path() + "/outside");
  const FileInfo canary = *outside.stat("canary");
  for (const char* name : {"inner", "outer"}) {
    EXPECT_EQ(home_.set_mode(name, 0777).error().code(), ErrorCode::denied);
    EXPECT_TRUE(home_.set_times(name, {1'000'000'000, 1}));
    EXPECT_EQ(home_.link_stat(name)->mtime, (FileTime{1'000'000'000, 1}));
  }
  EXPECT_EQ(home_.stat("file")->mode, inside.mode);
  EXPECT_EQ(home_.stat("file")->mtime, inside.mtime);
  EXPECT_EQ(outside.stat("canary")->mode, canary.mode);
  EXPECT_EQ(outside.stat("canary")->mtime, canary.mtime);
}

TEST_F(DirectoryTest, LinksInsideAreFollowedAndRemovedAsLinks) {
  ASSERT_TRUE(home_.make_directory("d"));
  write(root_.path() + "/home/d/file", "inside");
  link("d/file", "good");
  EXPECT_TRUE(home_.open_file("good", O_RDONLY));
  EXPECT_EQ(home_.stat("good")->type, FileType::file);
  EXPECT_EQ(home_.link_stat("good")->type, FileType::link);
  EXPECT_TRUE(home_.remove_file("good"));
  EXPECT_TRUE(home_.stat("d/file"));
}

// d is by turns a directory and a link to the neighbour, swapped by another thread while we act below it. It
// goes on until there was a race: both sides have had their rounds, and d was met as the one and as the
// other.
TEST_F(DirectoryTest, ASwapRaceLeadsNowhere) {
  RecordProperty("proves", "R5.3");
  constexpr int rounds_least = 2000;
  ASSERT_TRUE(home_.make_directory("d"));
  link("../outside", "l");
  const std::string d = root_.path() + "/home/d";
  const std::string l = root_.path() + "/home/l";
  std::atomic<int> swaps = 0;
  std::jthread swapper([&](const std::stop_token& stop) {
    while (!stop.stop_requested() &&
           renameat2(AT_FDCWD, d.c_str(), AT_FDCWD, l.c_str(), RENAME_EXCHANGE) == 0)
      ++swaps;
  });
  int entered = 0;
  int refused = 0;
  for (int round = 0; round < rounds_least || swaps < rounds_least || entered == 0 || refused == 0; ++round) {
    ASSERT_FALSE(home_.open_file("d/canary", O_RDONLY));
    ++(home_.open_file("d/f", O_CREAT | O_WRONLY) ? entered : refused);
    if (round % 16 != 0) continue;  // what follows waits for the disk
    ASSERT_FALSE(home_.remove_file("d/canary"));
    ASSERT_FALSE(home_.rename("d/canary", "stolen", true));
    if (auto file = SmallFile::write(home_, "staged", as_bytes("x"), 0644, {}))
      (void)file->publish(home_, "d/f");
    (void)home_.remove_file("d/f");
    (void)home_.make_directory("d/x");
    (void)home_.remove_directory("d/x");
  }
  swapper.request_stop();
  swapper.join();
  expect_outside_untouched();
}

TEST_F(DirectoryTest, OnlyRegularFilesAreOpenedAndNothingBlocks) {
  ASSERT_EQ(::mkfifo((root_.path() + "/home/fifo").c_str(), 0600), 0);
  EXPECT_EQ(home_.open_file("fifo", O_RDONLY).error().code(), ErrorCode::not_a_file);
  EXPECT_EQ(home_.open_file("fifo", O_WRONLY).error().code(), ErrorCode::not_a_file);
  EXPECT_EQ(home_.set_mode("fifo", 0777).error().code(), ErrorCode::not_a_file);
  EXPECT_EQ(home_.open_file("", O_RDONLY).error().code(), ErrorCode::is_a_directory);
}

// Whoever waits at the other end of a FIFO goes on as soon as anybody opens it; a device may do anything.
TEST_F(DirectoryTest, AFifoIsNotEvenOpened) {
  const std::string path = root_.path() + "/home/fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const UniqueFd opens(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  ASSERT_GE(inotify_add_watch(opens.get(), path.c_str(), IN_OPEN), 0);
  EXPECT_FALSE(home_.open_file("fifo", O_RDONLY));
  EXPECT_FALSE(home_.set_mode("fifo", 0777));
  EXPECT_TRUE(home_.set_times("fifo", {1, 2}));
  EXPECT_TRUE(home_.stat("fifo"));
  EXPECT_TRUE(home_.list("", 0, 10));
  alignas(inotify_event) std::array<char, 4096> events;
  EXPECT_EQ(::read(opens.get(), events.data(), events.size()), -1) << "it was opened";
}

TEST_F(DirectoryTest, AHardLinkKeepsItsAttributes) {
  ASSERT_EQ(::link((root_.path() + "/outside/canary").c_str(), (root_.path() + "/home/hard").c_str()), 0);
  const auto before = *home_.stat("hard");
  EXPECT_EQ(home_.set_mode("hard", 0600 ^ before.mode).error().code(), ErrorCode::denied);
  EXPECT_EQ(home_.set_times("hard", {1, 2}).error().code(), ErrorCode::denied);
  EXPECT_EQ(home_.stat("hard")->mode, before.mode);
  EXPECT_EQ(home_.stat("hard")->mtime, before.mtime);
}

TEST_F(DirectoryTest, TwoNamesOfOneFileDoNotReplaceEachOther) {
  write(root_.path() + "/home/a", "a");
  ASSERT_EQ(::link((root_.path() + "/home/a").c_str(), (root_.path() + "/home/b").c_str()), 0);
  ASSERT_TRUE(home_.make_directory("d"));
  write(root_.path() + "/home/d/f", "f");
  link("d", "also-d");
  for (const auto& [from, to] :
       {std::pair("a", "b"), std::pair("d/f", "also-d/f"), std::pair("also-d/f", "d/f")})
    EXPECT_EQ(home_.rename(from, to, true).error().code(), ErrorCode::invalid) << from;
  EXPECT_EQ(read(root_.path() + "/home/d/f"), "f");
}

TEST_F(DirectoryTest, ARealDirectoryIsNoLinkAndCanBeEntered) {
  ASSERT_TRUE(home_.make_directory("d"));
  link("d", "link");
  write(root_.path() + "/home/file", "");
  EXPECT_EQ(home_.open_real_directory("d")->stat("")->inode, home_.stat("d")->inode);
  EXPECT_EQ(home_.open_real_directory("link").error().code(), ErrorCode::denied);
  EXPECT_EQ(home_.open_real_directory("file").error().code(), ErrorCode::not_a_directory);
  EXPECT_EQ(home_.open_real_directory("none").error().code(), ErrorCode::not_found);
}

TEST_F(DirectoryTest, NamesHaveTheirLimits) {
  EXPECT_TRUE(home_.make_directory(std::string(255, 'n')));
  EXPECT_EQ(home_.make_directory(std::string(256, 'n')).error().code(), ErrorCode::invalid);
  for (const char* name : {"", ".", "..", "a/.", "a/.."}) EXPECT_FALSE(home_.make_directory(name)) << name;
  EXPECT_EQ(home_.make_directory("a/b").error().code(), ErrorCode::not_found);
}

TEST_F(DirectoryTest, ModesAreNotTheUmasks) {
  const mode_t before = umask(077);
  ASSERT_TRUE(home_.make_directory("d"));
  umask(before);
  EXPECT_EQ(home_.stat("d")->mode, 0700U);
  EXPECT_TRUE(home_.set_mode("d", 0757));
  EXPECT_EQ(home_.stat("d")->mode, 0757U);
  EXPECT_TRUE(home_.set_times("d", {1'000'000'000, 5}));
  EXPECT_EQ(home_.stat("d")->mtime, (FileTime{1'000'000'000, 5}));
}

TEST_F(DirectoryTest, ANewFileIsPrivate) {
  { ASSERT_TRUE(home_.open_file("new", O_CREAT | O_WRONLY)); }
  EXPECT_EQ(home_.stat("new")->mode, 0600U);
}

TEST_F(DirectoryTest, TheEmptyPathIsTheDirectoryItself) {
  EXPECT_EQ(home_.stat("")->type, FileType::directory);
  EXPECT_EQ(home_.link_stat("")->inode, home_.stat("")->inode);
  EXPECT_EQ(home_.open_directory("")->stat("")->inode, home_.stat("")->inode);
  EXPECT_TRUE(home_.set_mode("", 0750));
  EXPECT_TRUE(home_.set_times("", {1'000'000'000, 3}));
  EXPECT_EQ(home_.stat("")->mode, 0750U);
  EXPECT_EQ(home_.stat("")->mtime, (FileTime{1'000'000'000, 3}));
  EXPECT_EQ(home_.remove_directory("").error().code(), ErrorCode::invalid);
}

TEST_F(DirectoryTest, RenameReplacesOnlyWhenAsked) {
  write(root_.path() + "/home/a", "a");
  write(root_.path() + "/home/b", "b");
  EXPECT_EQ(home_.rename("a", "b", false).error().code(), ErrorCode::exists);
  EXPECT_EQ(read(root_.path() + "/home/b"), "b");
  EXPECT_TRUE(home_.rename("a", "b", true));
  EXPECT_EQ(read(root_.path() + "/home/b"), "a");
  ASSERT_TRUE(home_.make_directory("d"));
  EXPECT_EQ(home_.rename("d", "d/e", false).error().code(), ErrorCode::invalid);
  EXPECT_EQ(home_.rename("b", "d", true).error().code(), ErrorCode::is_a_directory);
  EXPECT_EQ(home_.rename("b", "x/y", true).error().code(), ErrorCode::not_found);
}

TEST_F(DirectoryTest, PagesGiveEveryEntryOnce) {
  constexpr std::size_t count = 5000;
  for (std::size_t i = 0; i < count; ++i) write(root_.path() + "/home/f" + std::to_string(i), "");
  for (const std::size_t limit : {7U, 1000U, 5000U, 6000U}) {
    std::set<std::string> names;
    std::int64_t cursor = 0;
    do {
      const auto page = home_.list("", cursor, limit);
      ASSERT_TRUE(page);
      ASSERT_LE(page->entries.size(), limit);
      for (const DirectoryEntry& entry : page->entries) EXPECT_TRUE(names.insert(entry.name).second);
      cursor = page->next;
    } while (cursor != 0);
    EXPECT_EQ(names.size(), count);
  }
}

TEST_F(DirectoryTest, CursorsThatNobodyGaveDoNoHarm) {
  for (int i = 0; i < 50; ++i) write(root_.path() + "/home/f" + std::to_string(i), "");
  EXPECT_EQ(home_.list("", 0, 0).error().code(), ErrorCode::invalid);
  for (const std::int64_t cursor : {std::int64_t{-1}, INT64_MIN})
    EXPECT_EQ(home_.list("", cursor, 10).error().code(), ErrorCode::invalid);
  for (std::int64_t cursor = 1; cursor > 0 && cursor < INT64_MAX / 3; cursor *= 3)
    EXPECT_LE(home_.list("", cursor, 10).value_or(DirectoryPage{}).entries.size(), 10U);
  EXPECT_LE(home_.list("", INT64_MAX, 10).value_or(DirectoryPage{}).entries.size(), 10U);
}

TEST_F(DirectoryTest, RemovalsSayWhatIsInTheWay) {
  ASSERT_TRUE(home_.make_directory("d"));
  write(root_.path() + "/home/d/f", "");
  EXPECT_EQ(home_.remove_directory("d").error().code(), ErrorCode::not_empty);
  EXPECT_EQ(home_.remove_file("d").error().code(), ErrorCode::is_a_directory);
  EXPECT_EQ(home_.remove_directory("d/f").error().code(), ErrorCode::not_a_directory);
  EXPECT_EQ(home_.remove_file("x").error().code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace sampan::disk
