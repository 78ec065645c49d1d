#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "accounts/accounts.h"
#include "accounts/login_throttle.h"
#include "net/blocking_pool.h"
#include "net/byte_stream.h"
#include "net/event_loop.h"
#include "net/tls.h"
#include "storage/home_source.h"

namespace sampan::frontends {

/// TLS application protocol (RFC 7301).
inline constexpr const char* native_alpn = "sampan/1";

/// What the frontends may use of the house. Everything outlives every session.
struct Services {
  accounts::Accounts& accounts;
  accounts::LoginThrottle& logins;
  storage::HomeSource& homes;
  net::BlockingPool& pool;
};

/// What peers may choose is bounded by these.
struct SessionLimits {
  std::size_t sessions = 4096;
  std::size_t sessions_per_user = 256;
  std::chrono::milliseconds login_deadline{30'000};
  std::chrono::milliseconds transfer_silence{25'000};
  std::chrono::milliseconds idle{900'000};
};

class NativeSession;

/// The native protocol's door: takes connections, counts sessions, ends them in order. Thread-safe.
class NativeFrontend {
 public:
  NativeFrontend(Services services, SessionLimits limits) : services_(services), limits_(limits) {}
  ~NativeFrontend();  ///< after wait_until_empty()

  /// The key pair for connections from now on.
  void set_tls(net::TlsServerContext context);
  void set_limits(const SessionLimits& limits);

  /// Begins a session on `loop`, which must be the stream's; call it on that loop's thread.
  void serve(net::EventLoop& loop, std::unique_ptr<net::ByteStream> raw);

  /// No new sessions; idle ones end now, the others when their transfers have.
  void drain();
  /// Ends every session now.
  void abort();
  /// True once no session is left; waits up to `limit`.
  bool wait_until_empty(std::chrono::milliseconds limit);

  // For sessions.
  Services& services() { return services_; }
  SessionLimits limits() const;
  bool draining() const { return draining_; }
  /// Counts a session of `user`; busy where there are too many. Leave with leave_user.
  Result<> enter_user(const std::string& user);
  void leave_user(const std::string& user);

 private:
  static net::Task<> run_session(NativeFrontend& frontend, std::unique_ptr<NativeSession> session);
  template <class Action>
  void for_each_session(Action action);

  Services services_;
  std::atomic<bool> draining_ = false;
  mutable std::mutex mutex_;
  std::condition_variable emptied_;
  SessionLimits limits_;  // guarded by mutex_, like all below
  std::shared_ptr<const net::TlsServerContext> tls_;
  std::map<NativeSession*, net::EventLoop*> sessions_;
  std::map<std::string, std::size_t> users_;
};

}  // namespace sampan::frontends
