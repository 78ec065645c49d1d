#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "net/socket_address.h"

namespace sampan::net {

/// How much each source may ask for: a bucket of tokens for every machine (an IPv4 address, an IPv6 /64, all
/// of a UNIX path together; a port costs nothing and does not count). Sources may be forged, so its memory is
/// bounded: once there is no place left, newcomers share one bucket. For one thread.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Verdict : std::uint8_t {
    granted,
    just_exhausted,  ///< the first refusal after the last grant: a moment to say so
    exhausted,
  };

  /// A bucket holds `burst` tokens and gets `per_second` back.
  RateLimit(double per_second, double burst, std::size_t sources_max = 4096);

  Verdict ask(const SocketAddress& source, Clock::time_point now = Clock::now());

 private:
  struct Bucket {
    double tokens = 0;
    Clock::time_point filled{};
    bool refused = false;
  };
  Bucket& bucket_of(const SocketAddress& source, Clock::time_point now);
  double tokens_at(const Bucket& bucket, Clock::time_point now) const;

  double per_second_;
  double burst_;
  std::size_t sources_max_;
  std::map<std::string, Bucket> buckets_;
  Bucket shared_;
  Clock::time_point swept_{};
};

}  // namespace sampan::net
