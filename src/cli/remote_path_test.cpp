#include "cli/remote_path.h"

#include <vector>

#include <gtest/gtest.h>

namespace sampan::cli {
namespace {

struct Case {
  std::string_view from, text, result;
};

RemotePath at(std::string_view text) {
  return RemotePath().join(text).value();
}

TEST(RemotePath, JoinsAsAPersonMeansIt) {
  const std::vector<Case> cases = {
      {"/", "a", "/a"},
      {"/", "/", "/"},
      {"/", ".", "/"},
      {"/", "..", "/"},
      {"/", "../../../../etc/passwd", "/etc/passwd"},
      {"/", "/../../etc/passwd", "/etc/passwd"},
      {"/", "//etc//passwd", "/etc/passwd"},
      {"/", "sub/../../bob/secret", "/bob/secret"},
      {"/", "./.././bob", "/bob"},
      {"/a/b", "c", "/a/b/c"},
      {"/a/b", "..", "/a"},
      {"/a/b", "../..", "/"},
      {"/a/b", "../c/", "/a/c"},
      {"/a/b", "/c", "/c"},
      {"/a b", "c d", "/a b/c d"},
      {"/报告", "../总 结/甲", "/总 结/甲"},
      {"/", "...", "/..."},
      {"/", ".. ", "/.. "},
      {"/", "~bob", "/~bob"},
      {"/", "..\\..\\bob", "/..\\..\\bob"},
      {"/", "a\nb", "/a\nb"},
  };
  for (const Case& test : cases) {
    const auto path = at(test.from).join(test.text);
    ASSERT_TRUE(path) << test.text;
    EXPECT_EQ(path->text(), test.result) << test.from << " + " << test.text;
  }
}

TEST(RemotePath, WhatCannotBeAPathIsRefused) {
  EXPECT_EQ(at("/a").join("").error().code(), ErrorCode::invalid);
  EXPECT_EQ(at("/a").join(std::string_view("ok\0/x", 5)).error().code(), ErrorCode::invalid);
}

TEST(RemotePath, AnEntryHasAName) {
  for (const std::string_view text : {"", "/", "//", ".", "..", "a/.", "a/..", "a/../", "./"})
    EXPECT_FALSE(at("/x").join_entry(text)) << text;
  for (const std::string_view text : {"a", "a/", "../a", "..a", "/a/..b"})
    EXPECT_TRUE(at("/x").join_entry(text)) << text;
}

TEST(RemotePath, KnowsItsNameAndItsParent) {
  EXPECT_EQ(at("/a/b.txt").name(), "b.txt");
  EXPECT_EQ(at("/a/b.txt").parent().text(), "/a");
  EXPECT_EQ(at("/a").parent().text(), "/");
  EXPECT_EQ(at("/").parent().text(), "/");
  EXPECT_EQ(at("/").name(), "");
}

}  // namespace
}  // namespace sampan::cli
