#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "cli/progress/rate_meter.h"

namespace sampan::cli {

using Now = std::function<ProgressClock::time_point()>;

/// How far a transfer is, from what a ProgressSink is told: never backwards, never beyond the end; and when
/// it is time to say so again.
class TransferState {
 public:
  explicit TransferState(Now now) : now_(std::move(now)) {}

  /// A second one (the transfer was begun anew) keeps what has been shown.
  void begin(std::uint64_t total, std::uint64_t done);
  void advance(std::uint64_t bytes);
  /// The time has passed, and nothing else happened.
  void tick();
  /// All of it.
  void complete() { shown_ = total_; }

  bool begun() const { return meter_.has_value(); }
  std::uint64_t done() const { return shown_; }
  std::uint64_t total() const { return total_; }
  std::uint64_t resumed() const { return resumed_; }
  std::uint64_t rate() const { return meter_ ? meter_->rate() : 0; }
  /// Of all that this run has brought, in the time since it began.
  std::uint64_t mean_rate() const;
  std::chrono::duration<double> elapsed() const { return now_() - began_; }
  std::optional<std::uint64_t> eta() const { return meter_ ? meter_->eta(total_) : std::nullopt; }

  /// True at most ten times a second.
  bool due();

 private:
  static constexpr std::chrono::milliseconds distance{100};

  Now now_;
  std::uint64_t total_ = 0, done_ = 0, shown_ = 0, resumed_ = 0;
  std::optional<RateMeter> meter_;
  ProgressClock::time_point began_;
  std::optional<ProgressClock::time_point> told_;
};

}  // namespace sampan::cli
