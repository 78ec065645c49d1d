#include "accounts/failed_logins.h"

#include <gtest/gtest.h>

namespace sampan::accounts {
namespace {

using std::chrono::seconds;

const LoginLimits limits{.failures = 3, .within = seconds(60), .pause = seconds(30)};
const FailedLogins::Time start = FailedLogins::Time() + std::chrono::hours(1);
const Caller alice{"alice", "192.0.2.7"};

Caller invented(std::size_t number, const std::string& network) {
  return {"user" + std::to_string(number), network};
}

TEST(FailedLogins, KeepsTheLastOnesOfEachPair) {
  FailedLogins failed;
  for (int i = 0; i < 5; ++i) failed.add(alice, start + seconds(i), limits);
  EXPECT_EQ(failed.of(alice), (std::vector{start + seconds(2), start + seconds(3), start + seconds(4)}));
  EXPECT_TRUE(failed.of({"alice", "192.0.2.8"}).empty());
  EXPECT_TRUE(failed.of({"bob", "192.0.2.7"}).empty());
  failed.forget(alice);
  EXPECT_TRUE(failed.of(alice).empty());
}

TEST(FailedLogins, InventedUsersShareOneCountAndDriveNobodyOut) {
  RecordProperty("proves", "R2.4");
  FailedLogins failed;
  failed.add(alice, start, limits);
  for (std::size_t i = 0; i < 100'000; ++i) failed.add(invented(i, alice.network), start, limits);
  EXPECT_EQ(failed.of(alice).size(), 1U);
  EXPECT_EQ(failed.of(invented(200'000, alice.network)).size(), limits.failures);
  EXPECT_TRUE(failed.of({"bob", "192.0.2.8"}).empty()) << "another network";
  failed.forget(invented(200'000, alice.network));
  EXPECT_EQ(failed.of(invented(200'000, alice.network)).size(), limits.failures)
      << "one login does not clear what many share";
  // Once the flood is over, newcomers have a count of their own again.
  failed.add({"carol", alice.network}, start + seconds(61), limits);
  EXPECT_EQ(failed.of({"carol", alice.network}).size(), 1U);
}

TEST(FailedLogins, NetworksAreBoundedAndTheOldestGoes) {
  RecordProperty("proves", "R2.4");
  FailedLogins failed;
  failed.add(alice, start, limits);
  for (std::size_t i = 1; i < FailedLogins::networks_most; ++i)
    failed.add(invented(i, std::to_string(i)), start + seconds(1), limits);
  EXPECT_EQ(failed.of(alice).size(), 1U);
  failed.add(invented(0, "one more"), start + seconds(2), limits);
  EXPECT_EQ(failed.networks(), FailedLogins::networks_most);
  EXPECT_TRUE(failed.of(alice).empty());
  EXPECT_EQ(failed.of(invented(0, "one more")).size(), 1U);
  failed.add(alice, start + seconds(100), limits);
  EXPECT_EQ(failed.networks(), 1U) << "what has no say any more goes first";
}

TEST(FailedLogins, ALongNameTakesNoMoreRoomThanAnAccountsName) {
  FailedLogins failed;
  const std::string stem(129, 'n');
  failed.add({stem + std::string(4'000, 'x'), "n"}, start, limits);
  EXPECT_EQ(failed.of({stem + "y", "n"}).size(), 1U) << "neither can be an account";
  EXPECT_TRUE(failed.of({std::string(128, 'n'), "n"}).empty());
}

}  // namespace
}  // namespace sampan::accounts
