#include "accounts/login_throttle.h"

#include <algorithm>

namespace sampan::accounts {

LoginThrottle::LoginThrottle(const LoginLimits& limits, Now now) : now_(std::move(now)), limits_(limits) {}

void LoginThrottle::set_limits(const LoginLimits& limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
}

LoginThrottle::Clock::duration LoginThrottle::left_to_wait(const Caller& caller) const {
  const auto& failures = failed_.of(caller);
  if (failures.size() < limits_.failures) return {};
  const auto first = failures.end() - static_cast<std::ptrdiff_t>(limits_.failures);
  if (failures.back() - *first > limits_.within) return {};
  return failures.back() + limits_.pause - now_();
}

Result<> LoginThrottle::admitted(const Caller& caller) const {
  const auto wait = left_to_wait(caller);
  if (wait <= Clock::duration::zero()) return {};
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return fail(ErrorCode::login_paused, "try again in " + std::to_string(seconds) + " s");
}

Result<> LoginThrottle::admit(const Caller& caller) const {
  const std::lock_guard lock(mutex_);
  return admitted(caller);
}

// As many looks at once as failures are left; one where a pause is over.
bool LoginThrottle::is_full(const Caller& caller) const {
  const auto since = now_() - limits_.within;
  const auto recent = static_cast<std::size_t>(
      std::ranges::count_if(failed_.of(caller), [&](const auto& time) { return time >= since; }));
  const std::size_t left = recent < limits_.failures ? limits_.failures - recent : 1;
  const auto looking = looking_.find({caller.network, caller.user});
  return looking != looking_.end() && looking->second >= left;
}

Result<LoginThrottle::Turn> LoginThrottle::Turn::take(LoginThrottle& throttle, const Caller& caller) {
  std::unique_lock lock(throttle.mutex_);
  Result<> admitted;
  throttle.turn_over_.wait(lock, [&] {
    admitted = throttle.admitted(caller);
    return !admitted || !throttle.is_full(caller);
  });
  if (!admitted) return fail(admitted.error());
  ++throttle.looking_[{caller.network, caller.user}];
  return Turn(throttle, caller);
}

LoginThrottle::Turn::Turn(Turn&& other) noexcept
    : throttle_(std::exchange(other.throttle_, nullptr)),
      caller_(std::move(other.caller_)),
      right_(other.right_) {}

LoginThrottle::Turn::~Turn() {
  if (throttle_ == nullptr) return;
  {
    const std::lock_guard lock(throttle_->mutex_);
    const auto looking = throttle_->looking_.find({caller_.network, caller_.user});
    if (--looking->second == 0) throttle_->looking_.erase(looking);
    if (right_)
      throttle_->failed_.forget(caller_);
    else
      throttle_->failed_.add(caller_, throttle_->now_(), throttle_->limits_);
  }
  throttle_->turn_over_.notify_all();
}

}  // namespace sampan::accounts
