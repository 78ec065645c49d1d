#include "storage/virtual_path.h"

#include <gtest/gtest.h>

namespace sampan::storage {
namespace {

TEST(VirtualPath, OneSpellingForEachPath) {
  for (const char* text : {"a/b", "/a/b", "//a///b", "a/b/", "/a/b//"}) {
    const auto path = VirtualPath::parse(text);
    ASSERT_TRUE(path) << text;
    EXPECT_EQ(path->text(), "/a/b");
    EXPECT_EQ(path->relative(), "a/b");
    EXPECT_EQ(path->parent().text(), "/a");
    EXPECT_EQ(path->name(), "b");
  }
  for (const char* text : {"", "/", "//"}) EXPECT_TRUE(VirtualPath::parse(text)->is_root()) << text;
}

TEST(VirtualPath, CannotSayTheWayOut) {
  for (const char* text : {"..", "/..", "a/../b", "../a", "a/..", ".", "a/./b", "./a"})
    EXPECT_EQ(VirtualPath::parse(text).error().code(), ErrorCode::invalid) << text;
  EXPECT_FALSE(VirtualPath::parse(std::string_view("ok\0/../bob", 10)));
}

TEST(VirtualPath, WhatOnlyLooksLikeAWayOutIsAName) {
  for (const char* text :
       {"...", "....", "..\\..\\bob", "%2e%2e%2fbob", ".. ", "..\n", "~bob", "$HOME", "\xC0\xAE\xC0\xAE"}) {
    const auto path = VirtualPath::parse(text);
    ASSERT_TRUE(path) << text;
    EXPECT_EQ(path->names().size(), 1U);
    EXPECT_EQ(path->name(), text);
  }
}

TEST(VirtualPath, HasLimits) {
  EXPECT_TRUE(VirtualPath::parse(std::string(255, 'n')));
  EXPECT_FALSE(VirtualPath::parse(std::string(256, 'n')));
  EXPECT_FALSE(VirtualPath::parse(std::string(4096, '/')));
  std::string deep;
  for (int i = 0; i < 255; ++i) deep += "/d";
  EXPECT_TRUE(VirtualPath::parse(deep));
  EXPECT_FALSE(VirtualPath::parse(deep + "/d"));
}

TEST(VirtualPath, StartsWithGoesByNamesNotByBytes) {
  const auto path = *VirtualPath::parse("/alice2/x");
  EXPECT_FALSE(path.starts_with(*VirtualPath::parse("/alice")));
  EXPECT_TRUE(path.starts_with(*VirtualPath::parse("/alice2")));
  EXPECT_TRUE(path.starts_with(VirtualPath()));
}

}  // namespace
}  // namespace sampan::storage
