#include "base/text.h"

#include <gtest/gtest.h>

namespace sampan {
namespace {

TEST(Utf8, AcceptsTextAndRefusesTheForgeries) {
  for (const char* text : {"", "plain", "报告", "😀", "\xEF\xBF\xBD"}) EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text :
       {"\xC0\xAE", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "a\x80", "\xE6\x8A"})
    EXPECT_FALSE(is_utf8(text));
  EXPECT_EQ(to_utf8("a\xFF报"), "a\uFFFD报");
}

TEST(Printable, NothingActsOnTheTerminal) {
  EXPECT_EQ(printable("报告 a"), "报告 a");
  EXPECT_EQ(printable("a\nb\tc"), "a\\nb\\tc");
  EXPECT_EQ(printable("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(printable("\u202Eexe"), "\\xe2\\x80\\xaeexe");
  EXPECT_EQ(printable("\xC0\xAE"), "\\xc0\\xae");
}

TEST(WholeCharacters, CutsBetweenThem) {
  EXPECT_EQ(whole_characters("abcdef", 4), "abcd");
  EXPECT_EQ(whole_characters("abc", 4), "abc");
  EXPECT_EQ(whole_characters("abc报", 4), "abc");
  EXPECT_EQ(whole_characters("abc报", 5), "abc");
  EXPECT_EQ(whole_characters("abc报x", 6), "abc报");
  EXPECT_EQ(whole_characters("a😀b", 4), "a");
  EXPECT_EQ(whole_characters("😀b", 4), "😀");
  // What is no character may be cut anywhere, and a way on there always is.
  EXPECT_EQ(whole_characters("\xF0\x9F\x98\xFF\xFF", 4), "\xF0\x9F\x98\xFF");
  EXPECT_EQ(whole_characters("\x80\x80\x80\x80\x80", 4), "\x80\x80\x80\x80");
}

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("报告"), 4U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(fit_width("报告书", 6), "报告书");
  EXPECT_EQ(fit_width("报告书", 5), "报告…");
  EXPECT_EQ(fit_width("报告书", 4), "报…");
  EXPECT_EQ(fit_width("abc", 0), "");
}

}  // namespace
}  // namespace sampan
