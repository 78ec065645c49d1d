#include "wire/time/format.h"

#include <clocale>
#include <cstring>

#include <gtest/gtest.h>

#include "base/text.h"

namespace sampan::wire::time {
namespace {

// 2026-11-25 07:08:09, a Wednesday, the 329th day, at +05:45.
std::tm moment() {
  std::tm local{};
  local.tm_year = 2026 - 1900;
  local.tm_mon = 10;
  local.tm_mday = 25;
  local.tm_hour = 7;
  local.tm_min = 8;
  local.tm_sec = 9;
  local.tm_wday = 3;
  local.tm_yday = 328;
  local.tm_gmtoff = 5 * 3600 + 45 * 60;
  local.tm_zone = "+0545";
  return local;
}

TEST(TimeFormat, EveryDirectiveOfIsoC) {
  const std::pair<const char*, const char*> cases[] = {
      {"%a", "Wed"},      {"%A", "Wednesday"},  {"%b", "Nov"},
      {"%B", "November"}, {"%h", "Nov"},        {"%c", "Wed Nov 25 07:08:09 2026"},
      {"%C", "20"},       {"%d", "25"},         {"%D", "11/25/26"},
      {"%e", "25"},       {"%F", "2026-11-25"}, {"%g", "26"},
      {"%G", "2026"},     {"%H", "07"},         {"%I", "07"},
      {"%j", "329"},      {"%m", "11"},         {"%M", "08"},
      {"%n", "\n"},       {"%p", "AM"},         {"%r", "07:08:09 AM"},
      {"%R", "07:08"},    {"%S", "09"},         {"%t", "\t"},
      {"%T", "07:08:09"}, {"%u", "3"},          {"%U", "47"},
      {"%V", "48"},       {"%w", "3"},          {"%W", "47"},
      {"%x", "11/25/26"}, {"%X", "07:08:09"},   {"%y", "26"},
      {"%Y", "2026"},     {"%z", "+0545"},      {"%Z", "+0545"},
      {"%%", "%"},
  };
  for (const auto& [format, text] : cases) {
    const auto formatted = format_time(format, moment());
    ASSERT_TRUE(formatted) << format << formatted.error().message();
    EXPECT_EQ(*formatted, text) << format;
  }
}

TEST(TimeFormat, TextStaysAsItIs) {
  EXPECT_EQ(*format_time("%Y年%m月%d日\tat %H:%M", moment()), "2026年11月25日\tat 07:08");
  EXPECT_EQ(*format_time("100%%d", moment()), "100%d");
  EXPECT_EQ(*format_time("", moment()), "");
}

TEST(TimeFormat, RefusesWhatIsNotOnTheList) {
  const std::pair<std::string, const char*> cases[] = {
      {"%999Y", "%9"},
      {"%_d", "%_"},
      {"%-d", "%-"},
      {"%^a", "%^"},
      {"%#Z", "%#"},
      {"%0Y", "%0"},
      {"%+Y", "%+"},
      {"%Ec", "%E"},
      {"%Od", "%O"},
      {"%s", "%s"},
      {"%k", "%k"},
      {"%N", "%N"},
      {"%Q", "%Q"},
      {"%", "at the end"},
      {"%Y%", "at the end"},
      {"% Y", "without a directive"},
      {"%日", "without a directive"},
      {std::string("%\0Y", 3), "without a directive"},
      {std::string("a\0b", 3), "control"},
      {"\x1b[2J%Y", "control"},
      {"\r", "control"},
      {"\x7f", "control"},
      {"\xff%Y", "UTF-8"},
      {"\xed\xa0\x80", "UTF-8"},
      {std::string(513, 'x'), "512"},
  };
  for (const auto& [format, why] : cases) {
    const auto formatted = format_time(format, moment());
    ASSERT_FALSE(formatted) << format;
    EXPECT_EQ(formatted.error().code(), ErrorCode::invalid);
    EXPECT_NE(formatted.error().detail().find(why), std::string::npos) << formatted.error().detail();
  }
}

TEST(TimeFormat, AnEmptyQuestionHasAMeaning) {
  EXPECT_EQ(answer_time("", moment()), "2026-11-25 07:08:09");
}

TEST(TimeFormat, NoAnswerIsMuchLargerThanItsQuestion) {
  std::string directives;
  for (int c = 0; c < 256; ++c) directives += static_cast<char>(c);
  for (const char directive : directives)
    for (std::size_t count = 0; count <= 600; count += count < 20 ? 1 : 29) {
      std::string question;
      for (std::size_t i = 0; i < count; ++i) question += {'%', directive};
      for (const std::string& text : {question, question + "%", "%999" + question, question + "\xff"}) {
        const std::string answer = answer_time(text, moment());
        ASSERT_LE(answer.size(), 512U) << text;
        ASSERT_LE(answer.size() + 28, 3 * (text.size() + 28)) << text;
        ASSERT_TRUE(is_utf8(answer));
        ASSERT_FALSE(answer.empty());
      }
    }
}

TEST(TimeFormat, WhatIsTooLongIsRefusedNotCut) {
  EXPECT_EQ(answer_time("%c %c", moment()), "Wed Nov 25 07:08:09 2026 Wed Nov 25 07:08:09 2026");
  EXPECT_EQ(answer_time("%c%c%c%c%c", moment()), "refused: the answer would be too long");
  EXPECT_EQ(answer_time("%999Y", moment()), "refused: %9: no widths, flags or modifiers");
  EXPECT_EQ(answer_time(std::string(512, 'x'), moment()), std::string(512, 'x'));
}

}  // namespace
}  // namespace sampan::wire::time
