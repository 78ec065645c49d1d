#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

#include "accounts/failed_logins.h"
#include "base/result.h"

namespace sampan::accounts {

/// Keeps passwords from being guessed: a caller (a user from a network) who has failed too often has to wait.
/// One for all protocols, so that no second door has a count of its own. It knows no accounts: an invented
/// user is treated as a real one. Thread-safe.
class LoginThrottle {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;

  explicit LoginThrottle(const LoginLimits& limits, Now now = Clock::now);
  void set_limits(const LoginLimits& limits);

  /// When a login begins, before anything is spent on it. login_paused, saying for how long. Never blocks.
  Result<> admit(const Caller& caller) const;

  /// When the proof (or the password) is there: what `check` says, which is a failure unless it is a value.
  /// login_paused without calling it. However many try at once, no more are looked at than failures are left:
  /// it may block while others of the same caller are being looked at, so call it on the blocking pool.
  template <class Check>
  std::invoke_result_t<Check&> judge(const Caller& caller, Check check) {
    auto turn = Turn::take(*this, caller);
    if (!turn) return fail(turn.error());
    auto verdict = check();
    if (verdict) turn->right();
    return verdict;
  }

 private:
  using Key = std::pair<std::string, std::string>;

  /// One look at one proof. A failure unless it was right, also where the check threw.
  class Turn {
   public:
    static Result<Turn> take(LoginThrottle& throttle, const Caller& caller);
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();
    void right() { right_ = true; }

   private:
    Turn(LoginThrottle& throttle, const Caller& caller) : throttle_(&throttle), caller_(caller) {}
    LoginThrottle* throttle_;
    Caller caller_;
    bool right_ = false;
  };

  // With mutex_ held.
  Clock::duration left_to_wait(const Caller& caller) const;
  bool is_full(const Caller& caller) const;
  Result<> admitted(const Caller& caller) const;

  Now now_;
  mutable std::mutex mutex_;
  std::condition_variable turn_over_;
  LoginLimits limits_;  // guarded by mutex_, like all below
  FailedLogins failed_;
  std::map<Key, std::size_t> looking_;  // proofs that are being looked at
};

}  // namespace sampan::accounts
