#include "storage/quota_ledger.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace sampan::storage {
namespace {

TEST(QuotaLedger, ExactlyWhatIsFreeFitsAndOneByteMoreDoesNot) {
  QuotaLedger ledger({90, 0});
  ledger.set_limits({100, std::nullopt});
  const auto refused = ledger.take({11, 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::over_quota);
  EXPECT_EQ(refused.error().room(), (Room{11, 90, 100}));
  EXPECT_TRUE(ledger.take({10, 1}));
  EXPECT_EQ(ledger.used(), (Usage{100, 1}));
}

TEST(QuotaLedger, HugeAmountsDoNotWrapRound) {
  QuotaLedger ledger({90, 0});
  ledger.set_limits({100, std::nullopt});
  EXPECT_FALSE(ledger.take({UINT64_MAX, 1}));
  EXPECT_FALSE(ledger.take({UINT64_MAX - 89, 1}));
  ledger.set_limits({});
  EXPECT_FALSE(ledger.take({UINT64_MAX, 1}));
  EXPECT_EQ(ledger.used(), (Usage{90, 0}));
}

TEST(QuotaLedger, ALoweredLimitRefusesAndDestroysNothing) {
  RecordProperty("proves", "R6.7");
  QuotaLedger ledger({90, 5});
  ledger.set_limits({50, 3});
  EXPECT_EQ(ledger.take({1, 0}).error().code(), ErrorCode::over_quota);
  ledger.set_limits({50, std::nullopt});
  EXPECT_EQ(ledger.take({0, 1}).error().code(), ErrorCode::over_quota) << "an empty file is new, too";
  ledger.set_limits({std::nullopt, 3});
  EXPECT_EQ(ledger.take({0, 1}).error().code(), ErrorCode::too_many_files);
  EXPECT_EQ(ledger.take({1, 0}).error().code(), ErrorCode::too_many_files);
  EXPECT_EQ(ledger.used(), (Usage{90, 5}));
  ledger.set_limits({50, 3});
  ledger.give_back({40, 2});
  EXPECT_TRUE(ledger.take({0, 0})) << "at the limit is not above it";
  ledger.give_back({5, 1});
  EXPECT_TRUE(ledger.take({5, 1}));
}

TEST(QuotaLedger, IsExactUnderConcurrency) {
  for (int round = 0; round < 20; ++round) {
    QuotaLedger ledger({});
    ledger.set_limits({10, std::nullopt});
    std::atomic<int> taken = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i)
      threads.emplace_back([&] { taken += ledger.take({1, 1}).has_value() ? 1 : 0; });
    threads.clear();
    EXPECT_EQ(taken, 10);
    EXPECT_EQ(ledger.used().bytes, 10U);
  }
}

TEST(Reservation, GoesBackUnlessKept) {
  QuotaLedger ledger({});
  { const auto dropped = Reservation::take(ledger, {7, 1}); }
  EXPECT_EQ(ledger.used(), Usage{});
  {
    auto kept = Reservation::take(ledger, {7, 1});
    kept->keep();
  }
  EXPECT_EQ(ledger.used(), (Usage{7, 1}));
}

}  // namespace
}  // namespace sampan::storage
