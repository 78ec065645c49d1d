#include <atomic>
#include <cerrno>
#include <mutex>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/system_error.h"
#include "net/deadline.h"
#include "net/socket_address.h"
#include "net/socket_stream.h"
#include "net/tcp.h"
#include "net/unix_path.h"

namespace sampan::net {

namespace asio = boost::asio;

namespace {

constexpr int backlog = 4096;
constexpr std::chrono::milliseconds pause_when_full{100};

Error cannot_listen(const Endpoint& endpoint, int error_number) {
  const ErrorCode code = error_number == EADDRINUSE ? ErrorCode::exists
                         : error_number == EACCES   ? ErrorCode::denied
                                                    : ErrorCode::invalid;
  return {code, "cannot listen on " + endpoint.text() + ": " + errno_text(error_number)};
}

Result<UniqueFd> open_listening(const Endpoint& endpoint, const SocketAddress& address) {
  UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail(cannot_listen(endpoint, errno));
  const int on = 1;
  if (address.family() == AF_INET6) (void)setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (endpoint.is_unix())
    remove_stale_socket(address, SOCK_STREAM);
  else
    (void)setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // On Linux the socket's own mode becomes the path's, so there is no moment at which others may connect.
  if (endpoint.is_unix()) (void)fchmod(fd.get(), 0600);
  if (bind(fd.get(), address.get(), address.size()) != 0) return fail(cannot_listen(endpoint, errno));
  if (listen(fd.get(), backlog) != 0) return fail(cannot_listen(endpoint, errno));
  return fd;
}

}  // namespace

struct Listener::State {
  State(EventLoops& all, OnConnection callback, UniqueFd fd)
      : loops(all), on_connection(std::move(callback)), descriptor(all[0].executor(), fd.release()) {}

  EventLoops& loops;
  OnConnection on_connection;
  asio::posix::stream_descriptor descriptor;
  Endpoint endpoint;
  std::size_t next = 0;
  std::mutex mutex;      // held while a connection is handed over
  bool stopped = false;  // guarded by mutex

  static Task<> accept_all(std::shared_ptr<State> state);
  static void hand_over(const std::shared_ptr<State>& state, int raw, const SocketAddress& peer);
};

void Listener::State::hand_over(const std::shared_ptr<State>& state, int raw, const SocketAddress& peer) {
  EventLoop& loop = state->loops[state->next++ % state->loops.size()];
  // std::function must be copyable, so the descriptor travels in a shared pointer.
  auto fd = std::make_shared<UniqueFd>(raw);
  loop.post([state, &loop, fd, peer] {
    const std::lock_guard lock(state->mutex);
    if (state->stopped) return;
    auto stream =
        std::make_unique<SocketStream>(loop.executor(), std::move(*fd), peer.text(), peer.network());
    state->on_connection(loop, std::move(stream));
  });
}

Task<> Listener::State::accept_all(std::shared_ptr<State> state) {
  for (;;) {
    SocketAddress peer;
    const int fd = accept4(state->descriptor.native_handle(), peer.room(), peer.size_room(),
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      if (!state->endpoint.is_unix()) tune_tcp(fd, peer.is_loopback());
      hand_over(state, fd, peer);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      boost::system::error_code error;
      co_await state->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                            asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
      continue;
    }
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) co_return;
    log::warning("no connection can be accepted for now: {}", errno_text(errno));
    co_await sleep(pause_when_full);
  }
}

Result<std::unique_ptr<Listener>> Listener::open(const Endpoint& endpoint, EventLoops& loops,
                                                 OnConnection on_connection) {
  const auto addresses = addresses_of(endpoint, false);
  if (!addresses) return fail(addresses.error());
  auto fd = open_listening(endpoint, addresses->front());
  if (!fd) return fail(fd.error());
  SocketAddress bound;
  getsockname(fd->get(), bound.room(), bound.size_room());
  auto state = std::make_shared<State>(loops, std::move(on_connection), std::move(*fd));
  state->endpoint = endpoint.is_unix() ? endpoint : bound.endpoint();
  loops[0].start(State::accept_all(state));
  return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

Listener::Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}

Listener::~Listener() {
  stop();
  if (state_->endpoint.is_unix()) unlink(state_->endpoint.path.c_str());
}

const Endpoint& Listener::endpoint() const {
  return state_->endpoint;
}

void Listener::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopped) return;
    state_->stopped = true;
  }
  state_->loops[0].post([state = state_] {
    boost::system::error_code ignored;
    state->descriptor.close(ignored);
  });
}

}  // namespace sampan::net
