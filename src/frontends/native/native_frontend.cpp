#include "frontends/native/native_frontend.h"

#include "base/log.h"
#include "frontends/native/native_session.h"

namespace sampan::frontends {

NativeFrontend::~NativeFrontend() = default;

void NativeFrontend::set_tls(net::TlsServerContext context) {
  auto shared = std::make_shared<const net::TlsServerContext>(std::move(context));
  const std::lock_guard lock(mutex_);
  tls_ = std::move(shared);
}

void NativeFrontend::set_limits(const SessionLimits& limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
}

SessionLimits NativeFrontend::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

void NativeFrontend::serve(net::EventLoop& loop, std::unique_ptr<net::ByteStream> raw) {
  std::unique_ptr<NativeSession> session;
  {
    const std::lock_guard lock(mutex_);
    if (draining_ || sessions_.size() >= limits_.sessions) {
      log::warning("{}: refused, {} sessions are open", raw->peer_address(), sessions_.size());
      return;  // the connection closes
    }
    session = std::make_unique<NativeSession>(*this, loop, std::move(raw));
    sessions_.emplace(session.get(), &loop);  // counted before the next one asks
  }
  loop.start(run_session(*this, std::move(session)));
}

net::Task<> NativeFrontend::run_session(NativeFrontend& frontend, std::unique_ptr<NativeSession> session) {
  std::string end = "closed";
  try {
    std::shared_ptr<const net::TlsServerContext> tls;
    {
      const std::lock_guard lock(frontend.mutex_);
      tls = frontend.tls_;
    }
    co_await session->start_tls(*tls);
    co_await session->run();
  } catch (const net::StreamError& error) {
    end = error.what();
  } catch (const std::exception& error) {
    end = error.what();
    log::error("{}: {}", session->description(), end);
  }
  log::info("{}: session ended: {}", session->description(), end);
  const std::lock_guard lock(frontend.mutex_);
  frontend.sessions_.erase(session.get());
  if (frontend.sessions_.empty()) frontend.emptied_.notify_all();
}

template <class Action>
void NativeFrontend::for_each_session(Action action) {
  const std::lock_guard lock(mutex_);
  for (const auto& [session, loop] : sessions_) {
    loop->post([this, session = session, action] {
      // It may have ended on its way here; sessions leave the table on their own loop, so whoever is in it
      // now stays for this call.
      {
        const std::lock_guard inner(mutex_);
        if (!sessions_.contains(session)) return;
      }
      action(*session);
    });
  }
}

void NativeFrontend::drain() {
  draining_ = true;
  for_each_session([](NativeSession& session) { session.drain(); });
}

void NativeFrontend::abort() {
  draining_ = true;
  for_each_session([](NativeSession& session) { session.abort(); });
}

bool NativeFrontend::wait_until_empty(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, limit, [&] { return sessions_.empty(); });
}

Result<> NativeFrontend::enter_user(const std::string& user) {
  const std::lock_guard lock(mutex_);
  std::size_t& count = users_[user];
  if (count >= limits_.sessions_per_user)
    return fail(ErrorCode::busy, "this user has " + std::to_string(count) + " sessions already");
  ++count;
  return {};
}

void NativeFrontend::leave_user(const std::string& user) {
  const std::lock_guard lock(mutex_);
  if (--users_[user] == 0) users_.erase(user);
}

}  // namespace sampan::frontends
