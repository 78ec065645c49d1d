#include "net/rate_limit.h"

#include <gtest/gtest.h>

namespace sampan::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = RateLimit::Verdict;

SocketAddress address(const std::string& host, std::uint16_t port = 1) {
  return addresses_of(Endpoint{host, port, ""}, true)->front();
}

const RateLimit::Clock::time_point start{seconds(1'000'000)};

int granted(RateLimit& limit, const SocketAddress& source, int asked, RateLimit::Clock::time_point now) {
  int count = 0;
  for (int i = 0; i < asked; ++i) count += limit.ask(source, now) == Verdict::granted;
  return count;
}

TEST(RateLimit, ABurstAndThenItsRate) {
  RateLimit limit(10, 5);
  const SocketAddress source = address("192.0.2.1");
  EXPECT_EQ(granted(limit, source, 100, start), 5);
  EXPECT_EQ(granted(limit, source, 100, start + milliseconds(99)), 0);
  EXPECT_EQ(granted(limit, source, 100, start + milliseconds(300)), 3);
  EXPECT_EQ(granted(limit, source, 100, start + seconds(1000)), 5);
}

TEST(RateLimit, SaysOnceThatItIsExhausted) {
  RateLimit limit(1, 1);
  const SocketAddress source = address("192.0.2.1");
  EXPECT_EQ(limit.ask(source, start), Verdict::granted);
  EXPECT_EQ(limit.ask(source, start), Verdict::just_exhausted);
  EXPECT_EQ(limit.ask(source, start), Verdict::exhausted);
  EXPECT_EQ(limit.ask(source, start + seconds(1)), Verdict::granted);
  EXPECT_EQ(limit.ask(source, start + seconds(1)), Verdict::just_exhausted);
}

TEST(RateLimit, CountsMachinesNotPorts) {
  RateLimit limit(1, 1);
  EXPECT_EQ(granted(limit, address("192.0.2.1", 1), 1, start), 1);
  EXPECT_EQ(granted(limit, address("192.0.2.1", 2), 1, start), 0);
  EXPECT_EQ(granted(limit, address("192.0.2.2", 1), 1, start), 1);
  EXPECT_EQ(granted(limit, address("2001:db8::1"), 1, start), 1);
  EXPECT_EQ(granted(limit, address("2001:db8::2"), 1, start), 0);
  EXPECT_EQ(granted(limit, address("2001:db8:0:1::1"), 1, start), 1);
}

TEST(RateLimit, ForgedSourcesShareWhatIsLeftAndLeaveTheOthersAlone) {
  RateLimit limit(1, 2, 3);
  const SocketAddress regular = address("192.0.2.1");
  EXPECT_EQ(granted(limit, regular, 1, start), 1);
  int forged = 0;
  for (int i = 0; i < 200; ++i)
    forged += granted(limit, address("198.51.100." + std::to_string(i)), 1, start);
  EXPECT_EQ(forged, 2 + 2);  // two found a place; the other 198 share a bucket
  EXPECT_EQ(granted(limit, regular, 2, start), 1);
  // Full again, and so forgotten: there is room for newcomers.
  EXPECT_EQ(granted(limit, address("203.0.113.1"), 5, start + seconds(10)), 2);
  EXPECT_EQ(granted(limit, address("203.0.113.2"), 5, start + seconds(10)), 2);
}

}  // namespace
}  // namespace sampan::net
