#include "accounts/login_throttle.h"

#include <atomic>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace sampan::accounts {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Caller alice{"alice", "192.0.2.7"};
const Caller elsewhere{"alice", "192.0.2.8"};
const Caller bob{"bob", "192.0.2.7"};

class LoginThrottleTest : public ::testing::Test {
 protected:
  LoginThrottle throttle{{}, [this] { return now; }};

  Result<int> attempt(const Caller& caller, bool right) {
    return throttle.judge(caller, [&]() -> Result<int> {
      ++looks;
      if (right) return 1;
      return fail(ErrorCode::login_failed);
    });
  }
  void fail_times(int times, const Caller& caller = alice) {
    for (int i = 0; i < times; ++i)
      EXPECT_EQ(attempt(caller, false).error().code(), ErrorCode::login_failed) << i;
  }
  bool is_paused(const Caller& caller = alice) {
    const int before = looks;
    const auto begun = throttle.admit(caller);
    const auto judged = attempt(caller, true);
    EXPECT_EQ(begun.has_value(), judged.has_value()) << "the door and the judge agree";
    if (judged) return false;
    EXPECT_EQ(looks, before) << "a refused proof is not looked at";
    EXPECT_EQ(judged.error().code(), ErrorCode::login_paused);
    EXPECT_EQ(begun.error().message(), judged.error().message());
    return true;
  }

  LoginThrottle::Clock::time_point now = LoginThrottle::Clock::time_point() + std::chrono::hours(1);
  int looks = 0;
};

TEST_F(LoginThrottleTest, FiveFailuresPauseThePairForThirtySeconds) {
  RecordProperty("proves", "R2.4");
  fail_times(5);
  EXPECT_TRUE(is_paused());
  EXPECT_EQ(throttle.admit(alice).error().message(), "too many failed logins: try again in 30 s");
  now += milliseconds(29'001);
  EXPECT_EQ(throttle.admit(alice).error().message(), "too many failed logins: try again in 1 s");
  EXPECT_TRUE(is_paused());
  now += milliseconds(999);
  EXPECT_FALSE(is_paused());
}

TEST_F(LoginThrottleTest, FourFailuresDoNotAndSuccessResets) {
  RecordProperty("proves", "R2.4");
  for (int round = 0; round < 3; ++round) {
    fail_times(4);
    EXPECT_FALSE(is_paused());  // and with that it has logged in
  }
}

TEST_F(LoginThrottleTest, OtherUsersAndOtherAddressesAreNotAskedToWait) {
  RecordProperty("proves", "R2.4");
  fail_times(5);
  EXPECT_TRUE(throttle.admit(bob));
  EXPECT_TRUE(throttle.admit(elsewhere));
  EXPECT_FALSE(is_paused(bob));
  EXPECT_FALSE(is_paused(elsewhere));
  EXPECT_TRUE(is_paused()) << "alice's success elsewhere is not one here";
}

TEST_F(LoginThrottleTest, TheMinuteSlides) {
  for (const int gap : {0, 30, 20, 11}) {  // at 0, 30, 50 and 61 s
    now += seconds(gap);
    fail_times(1);
  }
  fail_times(1);
  EXPECT_TRUE(throttle.admit(alice)) << "of five, the first is 61 s old";
  fail_times(1);
  EXPECT_FALSE(throttle.admit(alice)) << "30, 50, 61, 61, 61";
}

TEST_F(LoginThrottleTest, ARefusedTryDoesNotLengthenThePause) {
  fail_times(5);
  for (int i = 0; i < 100; ++i) {
    now += milliseconds(290);
    EXPECT_TRUE(is_paused());
  }
  now += milliseconds(1'000);
  EXPECT_FALSE(is_paused());
}

TEST_F(LoginThrottleTest, AfterThePauseOneMoreFailureIsAPauseWhileTheMinuteLasts) {
  fail_times(5);
  now += seconds(30);
  fail_times(1);
  EXPECT_TRUE(is_paused());
  now += seconds(61);
  fail_times(4);
  EXPECT_FALSE(is_paused());
}

TEST_F(LoginThrottleTest, ACheckThatThrowsIsAFailure) {
  for (int i = 0; i < 5; ++i)
    EXPECT_THROW((void)throttle.judge(alice, []() -> Result<int> { throw std::runtime_error("lost"); }),
                 std::runtime_error);
  EXPECT_TRUE(is_paused());
}

TEST_F(LoginThrottleTest, NewLimitsCountAtOnce) {
  fail_times(4);
  throttle.set_limits({.failures = 2, .within = seconds(60), .pause = seconds(5)});
  EXPECT_TRUE(is_paused());
  now += seconds(5);
  EXPECT_FALSE(is_paused());
}

// However many connections guess at the same moment.
TEST(LoginThrottle, NoMoreProofsAreLookedAtThanFailuresAreLeft) {
  RecordProperty("proves", "R2.4");
  LoginThrottle throttle{LoginLimits{}};
  std::atomic<int> looked_at = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> guessers;
    for (int i = 0; i < 32; ++i)
      guessers.emplace_back([&] {
        const auto verdict = throttle.judge(alice, [&]() -> Result<int> {
          ++looked_at;
          std::this_thread::sleep_for(milliseconds(2));
          return fail(ErrorCode::login_failed);
        });
        if (verdict.error().code() == ErrorCode::login_paused) ++refused;
      });
  }
  EXPECT_EQ(looked_at, 5);
  EXPECT_EQ(refused, 27);
}

TEST(LoginThrottle, ManyRightLoginsAtOnceAreNotHindered) {
  LoginThrottle throttle{LoginLimits{}};
  std::atomic<int> in = 0;
  {
    std::vector<std::jthread> people;
    for (int i = 0; i < 32; ++i)
      people.emplace_back([&] {
        if (throttle.judge(alice, [] { return Result<int>(1); })) ++in;
      });
  }
  EXPECT_EQ(in, 32);
}

}  // namespace
}  // namespace sampan::accounts
