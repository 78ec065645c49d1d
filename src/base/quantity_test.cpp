#include "base/quantity.h"

#include <gtest/gtest.h>

namespace sampan {
namespace {

TEST(ParseSize, TakesWhatPeopleType) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("1024"), 1024U);
  EXPECT_EQ(parse_size("10MiB"), 10U << 20);
  EXPECT_EQ(parse_size("10 MiB"), 10U << 20);
  EXPECT_EQ(parse_size("10MB"), 10'000'000U);
  EXPECT_EQ(parse_size("1.5GiB"), 3ULL << 29);
  EXPECT_EQ(parse_size("9223372036854775807"), 9223372036854775807ULL);
}

TEST(ParseSize, RefusesTheRest) {
  for (const char* text : {"", "-1", "+1", "MiB", "1.5", "1.MiB", "10mib", "10 M", "1e3", "0x10", "10  MiB",
                           "10MiB ", "9223372036854775808", "8388608TiB", "1.", ".5MiB", "nan", "1,5MiB"})
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

TEST(FormatSize, StaysShort) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(1023), "1023 B");
  EXPECT_EQ(format_size(1024), "1 KiB");
  EXPECT_EQ(format_size(1536), "1.5 KiB");
  EXPECT_EQ(format_size(100ULL << 20), "100 MiB");
  EXPECT_EQ(format_size((1ULL << 20) - 1), "1 MiB");
  EXPECT_EQ(format_size((1ULL << 30) - (1ULL << 20) - 1), "1023 MiB");
  EXPECT_EQ(format_size(~0ULL), "16 EiB");
}

TEST(FormatDuration, SecondsMinutesHours) {
  EXPECT_EQ(format_duration(42), "42 s");
  EXPECT_EQ(format_duration(187), "3:07");
  EXPECT_EQ(format_duration(3723), "1:02:03");
}

}  // namespace
}  // namespace sampan
