#include "wire/tutorial/message.h"

#include <gtest/gtest.h>

namespace sampan::wire::tutorial {
namespace {

TEST(FirstMessage, CutsBetweenCharacters) {
  EXPECT_EQ(first_message("abcdef", 4), "abcd");
  EXPECT_EQ(first_message("abc", 4), "abc");
  EXPECT_EQ(first_message("abc报", 4), "abc");
  EXPECT_EQ(first_message("abc报", 5), "abc");
  EXPECT_EQ(first_message("abc报x", 6), "abc报");
  EXPECT_EQ(first_message("a😀b", 4), "a");
  EXPECT_EQ(first_message("😀b", 4), "😀");
}

TEST(FirstMessage, WhatIsNoCharacterMayBeCutAnywhere) {
  EXPECT_EQ(first_message("\xF0\x9F\x98\xFF\xFF", 4), "\xF0\x9F\x98\xFF");
  EXPECT_EQ(first_message("\x80\x80\x80\x80\x80", 4), "\x80\x80\x80\x80");
}

}  // namespace
}  // namespace sampan::wire::tutorial
