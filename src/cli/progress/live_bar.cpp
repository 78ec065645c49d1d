#include "cli/progress/live_bar.h"

namespace sampan::cli {
namespace {

constexpr std::chrono::milliseconds tick{500};

}  // namespace

void LiveBar::begin(std::string_view name, std::uint64_t total, std::uint64_t done) {
  const std::lock_guard lock(mutex_);
  bar_.begin(name, total, done);
  if (!ticker_.joinable())
    ticker_ = std::jthread([this](const std::stop_token& stop) { keep_ticking(stop); });
}

void LiveBar::advance(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  bar_.advance(bytes);
}

void LiveBar::give_way() {
  const std::lock_guard lock(mutex_);
  bar_.give_way();
}

void LiveBar::finish(const Error* failure) {
  stop();
  bar_.end(failure);
}

void LiveBar::keep_ticking(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    stopping_.wait_for(lock, stop, tick, [] { return false; });
    if (!stop.stop_requested()) bar_.tick();
  }
}

void LiveBar::stop() {
  ticker_.request_stop();
  if (ticker_.joinable()) ticker_.join();
}

}  // namespace sampan::cli
