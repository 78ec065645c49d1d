#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace sampan::cli {

using ProgressClock = std::chrono::steady_clock;

/// How fast something goes: the mean over the last seconds, so that it neither jumps with every chunk nor
/// remembers a stall for ever. What was there before (a resumed part) is no speed.
class RateMeter {
 public:
  RateMeter(std::uint64_t done, ProgressClock::time_point now) { samples_.push_back({now, done}); }

  /// `done` never falls.
  void update(std::uint64_t done, ProgressClock::time_point now);

  /// Bytes a second; 0 until there is something to measure.
  std::uint64_t rate() const;
  /// Seconds until `total`, rounded up; nothing while the rate is 0 (unless it is reached), and at most 99
  /// hours: more is no estimate.
  std::optional<std::uint64_t> eta(std::uint64_t total) const;

 private:
  struct Sample {
    ProgressClock::time_point time;
    std::uint64_t done = 0;
  };
  static constexpr std::chrono::seconds window{5};

  std::deque<Sample> samples_;  // the oldest is at least a window old, if there has been so much time
};

}  // namespace sampan::cli
