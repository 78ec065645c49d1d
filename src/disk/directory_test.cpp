#include "disk/directory.h"

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
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
  for (const std::string path :
       {"..", "../outside/canary", "a/../../outside/canary", "file-link", "directory-link/canary",
        "absolute-link/canary", "chain", "dangling", "/etc/passwd", "/"}) {
    EXPECT_FALSE(home_.open_file(path, O_RDONLY)) << path;
    EXPECT_FALSE(home_.stat(path)) << path;
    EXPECT_FALSE(home_.list(path, 0, 10)) << path;
  }
  for (const std::string path : {"../new", "directory-link/new", "absolute-link/new"}) {
    EXPECT_FALSE(home_.make_directory(path, 0755)) << path;
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

TEST_F(DirectoryTest, LinksInsideAreFollowedAndRemovedAsLinks) {
  ASSERT_TRUE(home_.make_directory("d", 0755));
  write(root_.path() + "/home/d/file", "inside");
  link("d/file", "good");
  EXPECT_TRUE(home_.open_file("good", O_RDONLY));
  EXPECT_EQ(home_.stat("good")->type, FileType::file);
  EXPECT_EQ(home_.link_stat("good")->type, FileType::link);
  EXPECT_TRUE(home_.remove_file("good"));
  EXPECT_TRUE(home_.stat("d/file"));
}

TEST_F(DirectoryTest, ASwapRaceLeadsNowhere) {
  constexpr int swaps = 2000;
  ASSERT_TRUE(home_.make_directory("d", 0755));
  link("../outside", "l");
  const std::string base = root_.path() + "/home/";
  std::atomic<bool> over = false;
  std::jthread swapper([&] {
    for (int i = 0; i < swaps; ++i)
      ASSERT_EQ(renameat2(AT_FDCWD, (base + "d").c_str(), AT_FDCWD, (base + "l").c_str(), RENAME_EXCHANGE),
                0);
    over = true;
  });
  while (!over) {
    EXPECT_FALSE(home_.open_file("d/canary", O_RDONLY));
    EXPECT_FALSE(home_.remove_file("d/canary"));
    if (home_.make_directory("d/x", 0755)) (void)home_.remove_directory("d/x");
    (void)home_.remove_directory("l/x");
    (void)home_.remove_directory("d/x");
  }
  swapper.join();
  expect_outside_untouched();
}

TEST_F(DirectoryTest, OnlyRegularFilesAreOpenedAndNothingBlocks) {
  ASSERT_EQ(::mkfifo((root_.path() + "/home/fifo").c_str(), 0600), 0);
  EXPECT_EQ(home_.open_file("fifo", O_RDONLY).error().code(), ErrorCode::not_a_file);
  EXPECT_EQ(home_.open_file("", O_RDONLY).error().code(), ErrorCode::is_a_directory);
}

TEST_F(DirectoryTest, NamesHaveTheirLimits) {
  EXPECT_TRUE(home_.make_directory(std::string(255, 'n'), 0755));
  EXPECT_EQ(home_.make_directory(std::string(256, 'n'), 0755).error().code(), ErrorCode::invalid);
  for (const char* name : {"", ".", "..", "a/.", "a/.."})
    EXPECT_FALSE(home_.make_directory(name, 0755)) << name;
  EXPECT_EQ(home_.make_directory("a/b", 0755).error().code(), ErrorCode::not_found);
}

TEST_F(DirectoryTest, ModesAreNotTheUmasks) {
  const mode_t before = umask(077);
  ASSERT_TRUE(home_.make_directory("d", 0755));
  umask(before);
  EXPECT_EQ(home_.stat("d")->mode, 0755U);
  EXPECT_TRUE(home_.set_mode("d", 0700));
  EXPECT_EQ(home_.stat("d")->mode, 0700U);
  EXPECT_TRUE(home_.set_times("d", {1'000'000'000, 5}));
  EXPECT_EQ(home_.stat("d")->mtime, (FileTime{1'000'000'000, 5}));
}

TEST_F(DirectoryTest, RenameReplacesOnlyWhenAsked) {
  write(root_.path() + "/home/a", "a");
  write(root_.path() + "/home/b", "b");
  EXPECT_EQ(home_.rename("a", "b", false).error().code(), ErrorCode::exists);
  EXPECT_EQ(read(root_.path() + "/home/b"), "b");
  EXPECT_TRUE(home_.rename("a", "b", true));
  EXPECT_EQ(read(root_.path() + "/home/b"), "a");
  ASSERT_TRUE(home_.make_directory("d", 0755));
  EXPECT_EQ(home_.rename("d", "d/e", false).error().code(), ErrorCode::invalid);
}

TEST_F(DirectoryTest, PagesGiveEveryEntryOnce) {
  constexpr int count = 3000;
  for (int i = 0; i < count; ++i) write(root_.path() + "/home/f" + std::to_string(i), "");
  for (const std::size_t limit : {7U, 1000U, 5000U}) {
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
  EXPECT_EQ(home_.list("", -1, 10).error().code(), ErrorCode::invalid);
}

TEST_F(DirectoryTest, RemovalsSayWhatIsInTheWay) {
  ASSERT_TRUE(home_.make_directory("d", 0755));
  write(root_.path() + "/home/d/f", "");
  EXPECT_EQ(home_.remove_directory("d").error().code(), ErrorCode::not_empty);
  EXPECT_EQ(home_.remove_file("d").error().code(), ErrorCode::is_a_directory);
  EXPECT_EQ(home_.remove_directory("d/f").error().code(), ErrorCode::not_a_directory);
  EXPECT_EQ(home_.remove_file("x").error().code(), ErrorCode::not_found);
}

TEST_F(DirectoryTest, ASmallFileIsThereWholeOrNotAtAll) {
  { auto dropped = SmallFile::write(home_, "dropped", as_bytes("x"), 0644, {}); }
  EXPECT_TRUE(home_.list("", 0, 10)->entries.empty());
  auto file = SmallFile::write(home_, "kept", as_bytes("bytes"), 0640, {1'000'000'000, 7});
  ASSERT_TRUE(file);
  EXPECT_FALSE(home_.stat("final"));
  ASSERT_TRUE(file->sync());
  ASSERT_TRUE(file->publish(home_, "final"));
  const auto info = home_.stat("final");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->size, 5U);
  EXPECT_EQ(info->mode, 0640U);
  EXPECT_EQ(info->mtime, (FileTime{1'000'000'000, 7}));
}

}  // namespace
}  // namespace sampan::disk
