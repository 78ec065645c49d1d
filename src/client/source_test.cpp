#include "client/source.h"

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"

namespace sampan::client {
namespace {

class SourceTest : public ::testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(file_, std::ios::trunc) << text; }
  /// Other bytes in the place of the first ones; the time is what it was.
  void rewrite_in_secret(const std::string& text) const {
    struct stat before {};
    ASSERT_EQ(::stat(file_.c_str(), &before), 0);
    const UniqueFd fd(open(file_.c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(pwrite(fd.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(futimens(fd.get(), times), 0);
  }

  testing::TemporaryDirectory temporary_;
  const std::string file_ = temporary_.path() + "/file";
};

TEST_F(SourceTest, EveryLaterWriteShowsHoweverSoonItComes) {
  for (int i = 0; i < 200; ++i) {
    write("one");
    const auto source = open_source(file_);
    ASSERT_TRUE(source);
    EXPECT_EQ(look_again(*source), Still::same);
    write("two");
    ASSERT_EQ(look_again(*source), Still::changed) << i;
  }
}

TEST_F(SourceTest, ATimeThatWasSetBackHidesNothing) {
  RecordProperty("proves", "R3.5");
  write("one");
  const auto source = open_source(file_);
  ASSERT_TRUE(source);
  rewrite_in_secret("two");
  EXPECT_EQ(look_again(*source), Still::touched);
  std::vector<std::byte> bytes;
  ASSERT_TRUE(read_whole(*source, bytes));
  EXPECT_EQ(as_text(bytes), "two");
}

TEST_F(SourceTest, AnotherModeIsNotAnotherFile) {
  write("one");
  const auto source = open_source(file_);
  ASSERT_TRUE(source);
  ASSERT_EQ(chmod(file_.c_str(), 0600), 0);
  std::vector<std::byte> bytes;
  ASSERT_TRUE(read_whole(*source, bytes));
  EXPECT_EQ(as_text(bytes), "one");
}

TEST_F(SourceTest, AShorterOrLongerFileIsChanged) {
  for (const char* text : {"", "on", "one more"}) {
    write("one");
    const auto source = open_source(file_);
    ASSERT_TRUE(source);
    write(text);
    std::vector<std::byte> bytes;
    const auto read = read_whole(*source, bytes);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code(), ErrorCode::changed);
  }
}

TEST_F(SourceTest, OnlyRegularFilesAreSources) {
  EXPECT_EQ(open_source(temporary_.path()).error().code(), ErrorCode::is_a_directory);
  EXPECT_EQ(open_source(file_).error().code(), ErrorCode::not_found);
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  EXPECT_EQ(open_source(file_).error().code(), ErrorCode::not_a_file);
}

}  // namespace
}  // namespace sampan::client
