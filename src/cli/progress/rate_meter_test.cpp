#include "cli/progress/rate_meter.h"

#include <gtest/gtest.h>

namespace sampan::cli {
namespace {

using namespace std::chrono_literals;
constexpr ProgressClock::time_point start{};

TEST(RateMeter, NothingMeasuredIsNoRate) {
  RateMeter meter(0, start);
  EXPECT_EQ(meter.rate(), 0U);
  EXPECT_EQ(meter.eta(10), std::nullopt);
  EXPECT_EQ(meter.eta(0), 0U);
  meter.update(5, start);  // no time has passed
  EXPECT_EQ(meter.rate(), 0U);
}

TEST(RateMeter, WhatWasResumedIsNoSpeed) {
  RateMeter meter(1'000'000, start);
  meter.update(1'000'100, start + 1s);
  EXPECT_EQ(meter.rate(), 100U);
  EXPECT_EQ(meter.eta(1'000'201), 2U);
}

TEST(RateMeter, ForgetsWhatIsLongAgo) {
  RateMeter meter(0, start);
  std::uint64_t done = 0;
  for (int i = 1; i <= 10; ++i) meter.update(done += 1000, start + i * 1s);
  for (int i = 11; i <= 20; ++i) meter.update(done += 10, start + i * 1s);
  EXPECT_EQ(meter.rate(), 10U);
}

TEST(RateMeter, AStallEndsAtNoRate) {
  RateMeter meter(0, start);
  meter.update(1000, start + 1s);
  for (int i = 2; i <= 20; ++i) meter.update(1000, start + i * 1s);
  EXPECT_EQ(meter.rate(), 0U);
  EXPECT_EQ(meter.eta(2000), std::nullopt);
}

TEST(RateMeter, ManySmallStepsStayExact) {
  RateMeter meter(0, start);
  for (int i = 1; i <= 100'000; ++i) meter.update(static_cast<std::uint64_t>(i), start + i * 10us);
  EXPECT_NEAR(static_cast<double>(meter.rate()), 100'000, 1'000);
}

TEST(RateMeter, AnEstimateHasAnEnd) {
  RateMeter meter(0, start);
  meter.update(1, start + 1s);
  EXPECT_EQ(meter.eta(~std::uint64_t{0}), 99U * 3600);
}

}  // namespace
}  // namespace sampan::cli
