#include "cli/progress/transfer_state.h"

#include <algorithm>

namespace sampan::cli {

void TransferState::begin(std::uint64_t total, std::uint64_t done) {
  total_ = total;
  done_ = std::min(done, total);
  resumed_ = done_;
  shown_ = std::min(std::max(shown_, done_), total_);
  began_ = now_();
  meter_.emplace(done_, began_);
}

void TransferState::advance(std::uint64_t bytes) {
  done_ += std::min(bytes, total_ - done_);
  shown_ = std::max(shown_, done_);
  if (meter_) meter_->update(done_, now_());
}

void TransferState::tick() {
  if (meter_) meter_->update(done_, now_());
}

std::uint64_t TransferState::mean_rate() const {
  const double seconds = elapsed().count();
  return seconds > 0
             ? static_cast<std::uint64_t>(static_cast<double>(shown_ - std::min(shown_, resumed_)) / seconds)
             : 0;
}

bool TransferState::due() {
  const auto now = now_();
  if (told_ && now - *told_ < distance) return false;
  told_ = now;
  return true;
}

}  // namespace sampan::cli
