#include "base/file_time.h"

#include <gtest/gtest.h>

namespace sampan {
namespace {

TEST(FileTime, Rfc3339BothWays) {
  const std::pair<FileTime, std::string_view> cases[] = {
      {{0, 0}, "1970-01-01T00:00:00Z"},
      {{1'795'507'200, 250'000'000}, "2026-11-24T08:00:00.25Z"},
      {{-1, 999'999'999}, "1969-12-31T23:59:59.999999999Z"},
      {{951'782'400, 1}, "2000-02-29T00:00:00.000000001Z"},
      {{253'402'300'799, 0}, "9999-12-31T23:59:59Z"},
  };
  for (const auto& [time, text] : cases) {
    EXPECT_EQ(format_rfc3339(time), text);
    EXPECT_EQ(parse_rfc3339(text), time) << text;
  }
}

TEST(FileTime, RefusesEverythingElse) {
  for (const char* text :
       {"", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01T00:00:00+00:00", "1970-02-30T00:00:00Z",
        "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00.0000000001Z", "1970-01-01T00:00:00ZZ", "-970-01-01T00:00:00Z",
        "1970-1-01T00:00:00Z", "99999-01-01T00:00:00Z"})
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

TEST(FileTime, TimesThatFourDigitsCannotSayAreClamped) {
  EXPECT_EQ(format_rfc3339({std::numeric_limits<std::int64_t>::max(), 0}), "9999-12-31T23:59:59Z");
  EXPECT_EQ(format_rfc3339({std::numeric_limits<std::int64_t>::min(), 0}), "0000-01-01T00:00:00Z");
}

}  // namespace
}  // namespace sampan
