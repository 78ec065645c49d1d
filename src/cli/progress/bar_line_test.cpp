#include "cli/progress/bar_line.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"

namespace sampan::cli {
namespace {

constexpr std::uint64_t gib = 1ULL << 30;

BarState half() {
  return {.name = "report.pdf", .done = 512, .total = 1024, .rate = 256, .eta = 2};
}

TEST(BarLine, At80ColumnsShowsEverything) {
  EXPECT_EQ(bar_line(half(), 80),
            "report.pdf            50%  [#####>    ]       512 B      256 B/s  eta 2 s    ");
}

TEST(BarLine, At120ColumnsWithTheWholeToo) {
  EXPECT_EQ(bar_line(half(), 120),
            "report.pdf                      50%  [###############>               ]"
            "       512 B of 1 KiB      256 B/s  eta 2 s    ");
}

TEST(BarLine, At40ColumnsShowsTheFigures) {
  EXPECT_EQ(bar_line(half(), 40), "report.…   50%      256 B/s  2 s     ");
}

TEST(BarLine, OfSeveralFilesTheFieldsStandBelowEachOther) {
  BarState longer = half();
  longer.name = "总结报告 2026, with everything that there is.pdf";
  longer.rate = 284'000'000;
  longer.eta = 9 * 3600;
  for (const std::size_t columns : {40U, 80U, 120U}) {
    const std::string one = bar_line(half(), columns), other = bar_line(longer, columns);
    EXPECT_EQ(display_width(one.substr(0, one.find('%'))), display_width(other.substr(0, other.find('%'))));
    EXPECT_EQ(display_width(one.substr(0, one.find("/s"))), display_width(other.substr(0, other.find("/s"))));
  }
}

TEST(BarLine, SaysWhatItWaitsForAndWhatItTook) {
  BarState state = {.name = "a", .done = 1024, .total = 1024, .rate = 256};
  EXPECT_NE(bar_line(state, 80).find(" 99%"), std::string::npos);
  EXPECT_NE(bar_line(state, 80).find("  verifying "), std::string::npos) << bar_line(state, 80);
  EXPECT_NE(bar_line(state, 40).find("  verify "), std::string::npos) << bar_line(state, 40);
  state.verified = true;
  state.elapsed = 62;
  EXPECT_NE(bar_line(state, 80).find("  in 1:02 "), std::string::npos) << bar_line(state, 80);
  state.resumed = 1024;
  EXPECT_NE(bar_line(state, 80).find("  unchanged "), std::string::npos) << bar_line(state, 80);
  state.done = 0;
  state.verified = false;
  EXPECT_NE(bar_line(state, 80).find("  eta - "), std::string::npos) << bar_line(state, 80);
}

TEST(BarLine, FillsTheLineAndNeverWraps) {
  RecordProperty("proves", "R4.1 R4.4 R4.7");
  const std::vector<std::string> names = {
      "a",
      "report.pdf",
      std::string(300, 'x'),
      "总结报告总结报告总结报告总结报告总结报告总结报告总结报告总结报告总结报告总结.txt",
      "bad\x1b[2J\xff\n",
      ""};
  for (std::size_t columns = 20; columns < 200; ++columns)
    for (const std::string& name : names)
      for (const std::uint64_t done : {std::uint64_t{0}, std::uint64_t{1}, 5 * gib, 9 * gib}) {
        BarState state = {
            .name = name, .done = done, .total = 9 * gib, .resumed = done / 2, .rate = 1023 * 1024};
        state.eta = 99 * 3600;
        const std::string line = bar_line(state, columns);
        EXPECT_EQ(display_width(line), columns - 3) << line;
        EXPECT_TRUE(is_utf8(line));
        EXPECT_EQ(line.find_first_of("\x1b\n\r"), std::string::npos);
      }
}

TEST(BarLine, WideNamesAreCutByTheirWidth) {
  BarState state = half();
  state.name = "总结报告总结报告总结报告总结报告总结报告总结报告总结报告总结";  // 60 columns
  EXPECT_TRUE(bar_line(state, 80).starts_with("总结报告总结报告总…   50%")) << bar_line(state, 80);
  EXPECT_TRUE(bar_line(state, 40).starts_with("总结报…    50%")) << bar_line(state, 40);
}

TEST(BarLine, PercentIsTheFloorAnd100NeedsTheVerification) {
  RecordProperty("proves", "R4.2 R4.4");
  EXPECT_EQ(percent_of({.done = 0, .total = 3}), 0U);
  EXPECT_EQ(percent_of({.done = 1, .total = 3}), 33U);
  EXPECT_EQ(percent_of({.done = 2, .total = 3}), 66U);
  EXPECT_EQ(percent_of({.done = 3, .total = 3}), 99U);
  EXPECT_EQ(percent_of({.done = 3, .total = 3, .verified = true}), 100U);
  EXPECT_EQ(percent_of({.done = 0, .total = 0}), 99U);
  EXPECT_EQ(percent_of({.done = 0, .total = 0, .verified = true}), 100U);
  constexpr std::uint64_t huge = ~std::uint64_t{0};
  EXPECT_EQ(percent_of({.done = huge - 1, .total = huge}), 99U);
  EXPECT_EQ(percent_of({.done = huge / 2, .total = huge}), 49U);
}

TEST(BarLine, WhatIsResumedIsMarked) {
  BarState state = {.name = "a", .done = 768, .total = 1024, .resumed = 512};
  EXPECT_NE(bar_line(state, 80).find("[=====##>  ]"), std::string::npos) << bar_line(state, 80);
  EXPECT_NE(bar_line(state, 120).find("768 B of 1 KiB, resumed at 512 B"), std::string::npos);
}

}  // namespace
}  // namespace sampan::cli
