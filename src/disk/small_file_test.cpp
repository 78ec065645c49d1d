#include "disk/small_file.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"

namespace sampan::disk {
namespace {

class SmallFileTest : public ::testing::Test {
 protected:
  SmallFileTest()
      : staging_(*Directory::make_trusted(root_.path() + "/staging", 0700)),
        home_(*Directory::make_trusted(root_.path() + "/home", 0700)) {}

  bool staging_is_empty() const { return std::filesystem::is_empty(root_.path() + "/staging"); }

  testing::TemporaryDirectory root_;
  Directory staging_;
  Directory home_;
};

TEST_F(SmallFileTest, IsThereWholeOrNotAtAll) {
  { const auto dropped = SmallFile::write(staging_, "dropped", as_bytes("x"), 0644, {}); }
  EXPECT_TRUE(staging_is_empty());
  {
    auto file = SmallFile::write(staging_, "kept", as_bytes("bytes"), 0640, {1'000'000'000, 7});
    ASSERT_TRUE(file);
    EXPECT_FALSE(home_.stat("final"));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(file->publish(home_, "final"));
  }
  const auto info = home_.stat("final");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->size, 5U);
  EXPECT_EQ(info->mode, 0640U);
  EXPECT_EQ(info->mtime, (FileTime{1'000'000'000, 7}));
  EXPECT_TRUE(staging_is_empty());
}

TEST_F(SmallFileTest, ANameIsTakenOnceAndIsPlain) {
  const auto first = SmallFile::write(staging_, "n", as_bytes("1"), 0644, {});
  ASSERT_TRUE(first);
  EXPECT_EQ(SmallFile::write(staging_, "n", as_bytes("2"), 0644, {}).error().code(), ErrorCode::exists);
  EXPECT_EQ(SmallFile::write(staging_, "../home/n", as_bytes("2"), 0644, {}).error().code(),
            ErrorCode::invalid);
  EXPECT_TRUE(std::filesystem::is_empty(root_.path() + "/home"));
}

TEST_F(SmallFileTest, ReplacesAFileOrALinkButNoDirectory) {
  std::ofstream(root_.path() + "/outside") << "canary";
  ASSERT_EQ(::symlink("../outside", (root_.path() + "/home/link").c_str()), 0);
  ASSERT_EQ(::symlink("../nowhere", (root_.path() + "/home/dangling").c_str()), 0);
  std::ofstream(root_.path() + "/home/file") << "old content";
  for (const char* name : {"link", "dangling", "file"}) {
    auto file = SmallFile::write(staging_, "n", as_bytes("new"), 0644, {});
    ASSERT_TRUE(file);
    EXPECT_TRUE(file->publish(home_, name)) << name;
    EXPECT_EQ(home_.link_stat(name)->type, FileType::file) << name;
    EXPECT_EQ(home_.link_stat(name)->size, 3U) << name;
  }
  EXPECT_EQ(std::filesystem::file_size(root_.path() + "/outside"), 6U);
  EXPECT_FALSE(std::filesystem::exists(root_.path() + "/nowhere"));

  ASSERT_TRUE(home_.make_directory("d"));
  {
    auto file = SmallFile::write(staging_, "n", as_bytes("new"), 0644, {});
    ASSERT_TRUE(file);
    EXPECT_EQ(file->publish(home_, "d").error().code(), ErrorCode::is_a_directory);
  }
  EXPECT_TRUE(staging_is_empty());
}

}  // namespace
}  // namespace sampan::disk
