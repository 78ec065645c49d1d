#include "disk/attribute.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "disk/directory.h"

namespace sampan::disk {
namespace {

constexpr const char* name = "user.sampan.test";

TEST(AttributeTest, IsNothingThenWhatWasWrittenLast) {
  const testing::TemporaryDirectory root;
  const auto directory = Directory::open_trusted(root.path());
  ASSERT_TRUE(directory);
  const auto fd = directory->open_file("f", O_CREAT | O_RDWR);
  ASSERT_TRUE(fd);
  const auto before = read_attribute(fd->get(), name);
  if (!before) {
    ASSERT_EQ(before.error().code(), ErrorCode::unsupported);
    GTEST_SKIP() << "the temporary directory's file system keeps no attributes";
  }
  EXPECT_EQ(*before, std::nullopt);
  const std::string with_nul("a\0b", 3);
  for (const std::string& value : {std::string("first"), with_nul, std::string()}) {
    ASSERT_TRUE(write_attribute(fd->get(), name, value));
    EXPECT_EQ(*read_attribute(fd->get(), name), value);
  }
}

TEST(AttributeTest, SaysUnsupportedWhereNoneAreKept) {
  const auto proc = Directory::open_trusted("/proc/self");
  ASSERT_TRUE(proc);
  const auto fd = proc->open_file("status", O_RDONLY);
  ASSERT_TRUE(fd);
  EXPECT_EQ(read_attribute(fd->get(), name).error().code(), ErrorCode::unsupported);
}

}  // namespace
}  // namespace sampan::disk
