#include "cli/shell/words.h"

#include <gtest/gtest.h>

namespace sampan::cli {
namespace {

using Words = std::vector<std::string>;

struct Case {
  std::string_view line;
  Words words;
};

TEST(Words, AreCutAsInSh) {
  const std::vector<Case> cases = {
      {"", {}},
      {"   \t ", {}},
      {"# a comment", {}},
      {"ls", {"ls"}},
      {"  put  a   b ", {"put", "a", "b"}},
      {"put 'a b' \"c d\"", {"put", "a b", "c d"}},
      {"put a\\ b", {"put", "a b"}},
      {"put a'b c'd\"e f\"g", {"put", "ab cde fg"}},
      {"put ''", {"put", ""}},
      {"put \"\" ''", {"put", "", ""}},
      {R"(put "a\"b\\c\d")", {"put", R"(a"b\c\d)"}},
      {R"(put '\n')", {"put", R"(\n)"}},
      {R"(rm \# '*' \-x)", {"rm", "#", "*", "-x"}},
      {"put 报告.pdf '总 结.txt'", {"put", "报告.pdf", "总 结.txt"}},
      {"rm a#b # c", {"rm", "a#b", "#", "c"}},
      {"ls\r", {"ls"}},
  };
  for (const Case& test : cases) {
    const auto words = split_words(test.line);
    ASSERT_TRUE(words) << test.line;
    EXPECT_EQ(*words, test.words) << test.line;
  }
}

TEST(Words, OpenQuotesAreRefused) {
  for (const std::string_view line : {"put 'a", "put \"a", "put a\\", "put 'a\" b", "put \"a\\\""}) {
    const auto words = split_words(line);
    ASSERT_FALSE(words) << line;
    EXPECT_EQ(words.error().code(), ErrorCode::invalid);
  }
}

TEST(Words, TheLastWordIsKnownWhileItIsTyped) {
  EXPECT_EQ(split_line("get rep").last_start, 4U);
  EXPECT_TRUE(split_line("get rep").in_word);
  EXPECT_EQ(split_line("get ").last_start, 4U);
  EXPECT_FALSE(split_line("get ").in_word);
  const WordSplit open = split_line("get 'my re");
  EXPECT_EQ(open.words.back(), "my re");
  EXPECT_EQ(open.last_start, 4U);
  EXPECT_EQ(open.open_quote, '\'');
}

TEST(Words, WhatIsEscapedComesBack) {
  for (const std::string_view word :
       {"a", "", "a b", "it's", "#x", "\"", "\\", "a\tb", "报 告", "-x", "*", "!x", "''"}) {
    const auto back = split_words(escape_word(word));
    ASSERT_TRUE(back) << word;
    EXPECT_EQ(*back, Words{std::string(word)});
  }
  EXPECT_EQ(escape_word("report.pdf"), "report.pdf");
  EXPECT_EQ(escape_word("it's 1"), "it\\'s\\ 1");
}

}  // namespace
}  // namespace sampan::cli
