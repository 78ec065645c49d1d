#include "cli/local_path.h"

#include <gtest/gtest.h>

namespace sampan::cli {
namespace {

TEST(LocalName, IsTheLastNameIfThereIsOne) {
  EXPECT_EQ(local_name("a.txt"), "a.txt");
  EXPECT_EQ(local_name("dir/a b.txt"), "a b.txt");
  EXPECT_EQ(local_name("/x/dir//"), "dir");
  EXPECT_EQ(local_name("./总结"), "总结");
  EXPECT_EQ(local_name(".hidden"), ".hidden");
  for (const char* nameless : {".", "..", "/", "a/..", "a/./", ""})
    EXPECT_EQ(local_name(nameless), "") << nameless;
}

}  // namespace
}  // namespace sampan::cli
