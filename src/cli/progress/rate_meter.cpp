#include "cli/progress/rate_meter.h"

#include <algorithm>

namespace sampan::cli {
namespace {

constexpr std::chrono::milliseconds sample_distance{100};
constexpr std::uint64_t longest_eta = 99 * 3600;

}  // namespace

void RateMeter::update(std::uint64_t done, ProgressClock::time_point now) {
  // Close samples are merged, so that a fast transfer of small chunks keeps few.
  if (samples_.size() > 1 && now - samples_[samples_.size() - 2].time < sample_distance)
    samples_.back() = {now, done};
  else
    samples_.push_back({now, done});
  while (samples_.size() > 2 && now - samples_[1].time >= window) samples_.pop_front();
}

std::uint64_t RateMeter::rate() const {
  const std::chrono::duration<double> time = samples_.back().time - samples_.front().time;
  if (time.count() <= 0 || samples_.back().done <= samples_.front().done) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(samples_.back().done - samples_.front().done) /
                                    time.count());
}

std::optional<std::uint64_t> RateMeter::eta(std::uint64_t total) const {
  const std::uint64_t done = samples_.back().done;
  if (done >= total) return 0;
  const std::uint64_t speed = rate();
  if (speed == 0) return std::nullopt;
  const std::uint64_t left = total - done;
  return std::min(left / speed + (left % speed != 0 ? 1 : 0), longest_eta);
}

}  // namespace sampan::cli
