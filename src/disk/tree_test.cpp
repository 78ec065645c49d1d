#include "disk/tree.h"

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"

namespace sampan::disk {
namespace {

class TreeTest : public ::testing::Test {
 protected:
  TreeTest() { mkdir((top_.path() + "/alice").c_str(), 0700); }

  bool exists(const std::string& name) const { return access((top_.path() + "/" + name).c_str(), F_OK) == 0; }
  void write(const std::string& name) const { std::ofstream(top_.path() + "/" + name) << name; }

  testing::TemporaryDirectory top_;
  Directory base_ = *Directory::open_trusted(top_.path());
};

// So many directories, each in the one before, with a file at the bottom.
void make_deep(const std::string& top, int depth, const std::string& name) {
  UniqueFd at(open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < depth; ++i) {
    ASSERT_EQ(mkdirat(at.get(), name.c_str(), 0700), 0);
    at = UniqueFd(openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  const UniqueFd file(openat(at.get(), "bottom", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_TRUE(file);
}

TEST_F(TreeTest, GoesWithEverythingInIt) {
  for (const char* folder : {"/alice/a", "/alice/a/b", "/alice/c", "/alice2"})
    ASSERT_EQ(mkdir((top_.path() + folder).c_str(), 0700), 0);
  for (const char* file : {"alice/f", "alice/a/f", "alice/a/b/.hidden", "alice2/f"}) write(file);
  for (int i = 0; i < 3000; ++i) write("alice/c/" + std::to_string(i));
  ASSERT_EQ(mkfifo((top_.path() + "/alice/fifo").c_str(), 0600), 0);
  EXPECT_TRUE(remove_tree(base_, "alice"));
  EXPECT_FALSE(exists("alice"));
  EXPECT_TRUE(exists("alice2/f"));
  EXPECT_EQ(remove_tree(base_, "alice").error().code(), ErrorCode::not_found);
}

TEST_F(TreeTest, OfALinkTheLinkItself) {
  ASSERT_EQ(mkdir((top_.path() + "/bob").c_str(), 0700), 0);
  write("bob/f");
  ASSERT_EQ(symlink("../bob", (top_.path() + "/alice/to-bob").c_str()), 0);
  ASSERT_EQ(symlink("bob", (top_.path() + "/carol").c_str()), 0);
  EXPECT_TRUE(remove_tree(base_, "alice"));
  EXPECT_TRUE(remove_tree(base_, "carol"));
  EXPECT_FALSE(exists("alice") || exists("carol"));
  EXPECT_TRUE(exists("bob/f"));
}

TEST_F(TreeTest, DeeperThanAPathCanSay) {
  make_deep(top_.path() + "/alice", 100, std::string(200, 'n'));
  make_deep(top_.path() + "/alice", 2'500, "n");
  EXPECT_TRUE(remove_tree(base_, "alice"));
  EXPECT_FALSE(exists("alice"));
}

TEST_F(TreeTest, APlaceIsFoundHoweverDeep) {
  make_deep(top_.path() + "/alice", 100, std::string(200, 'n'));
  TreePlace at(base_, "alice");
  for (int i = 0; i < 100; ++i) {
    auto below = at.child(std::string(200, 'n'));
    ASSERT_TRUE(below) << i;
    at = *below;
    EXPECT_LT(at.path().size(), 2300U);
  }
  EXPECT_TRUE(at.base().link_stat(at.path_of("bottom")));
  EXPECT_EQ(at.base().list(at.path(), 0, 10)->entries.size(), 1U);
}

}  // namespace
}  // namespace sampan::disk
