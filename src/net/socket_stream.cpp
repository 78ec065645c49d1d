#include "net/socket_stream.h"

#include <cerrno>
#include <cstring>
#include <string_view>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/system_error.h"
#include "net/tcp_measured.h"

namespace sampan::net {

namespace asio = boost::asio;

void tune_tcp(int fd, bool same_machine) {
  const int on = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  // bbr paces the loopback interface to half its speed. On every other way it is the one that goes on at the
  // speed of the line where a packet in a hundred is lost. What the system does not allow stays as it is.
  const std::string_view wanted = same_machine ? "cubic" : "bbr";
  (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, wanted.data(), static_cast<socklen_t>(wanted.size()));
}

SocketStream::SocketStream(const asio::any_io_executor& executor, UniqueFd fd, std::string peer,
                           std::string network)
    : descriptor_(executor, fd.release()),
      timer_(executor),
      self_(std::make_shared<SocketStream*>(this)),
      peer_(std::move(peer)),
      network_(std::move(network)) {}

SocketStream::~SocketStream() {
  *self_ = nullptr;
}

void SocketStream::throw_if_failed() const {
  if (failure_) throw StreamError(*failure_);
}

Task<std::size_t> SocketStream::read_some(ByteSpan room) {
  for (;;) {
    throw_if_failed();
    const ssize_t got = recv(descriptor_.native_handle(), room.data(), room.size(), 0);
    if (got >= 0) co_return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      const Error lost(ErrorCode::connection_lost, errno_text(errno));
      throw StreamError(lost);
    }
    co_await flush_before_waiting();
    co_await wait(asio::posix::stream_descriptor::wait_read);
  }
}

std::size_t SocketStream::read_now(ByteSpan room) {
  if (failure_) return 0;
  const ssize_t got = recv(descriptor_.native_handle(), room.data(), room.size(), 0);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

Task<> SocketStream::wait_readable() {
  co_await flush_before_waiting();
  throw_if_failed();
  // The reactor may report what a read has taken meanwhile: it is asked again, as whoever waits will read.
  for (;;) {
    pollfd now = {.fd = descriptor_.native_handle(), .events = POLLIN, .revents = 0};
    if (poll(&now, 1, 0) > 0) co_return;
    if (woken_) break;
    co_await wait(asio::posix::stream_descriptor::wait_read);
  }
  woken_ = false;
}

void SocketStream::wake() noexcept {
  woken_ = true;
  boost::system::error_code ignored;
  descriptor_.cancel(ignored);
}

Task<> SocketStream::wait_writable() {
  return wait(asio::posix::stream_descriptor::wait_write);
}

Task<> SocketStream::write(ByteView bytes) {
  throw_if_failed();
  if (gathered_count_ + bytes.size() > PooledBuffer::size) co_await flush();
  if (bytes.size() >= PooledBuffer::size / 2) {
    co_await flush();
    co_await send_all(bytes);
    co_return;
  }
  if (!gathered_) gathered_.emplace();
  if (!bytes.empty()) std::memcpy(gathered_->bytes().data() + gathered_count_, bytes.data(), bytes.size());
  gathered_count_ += bytes.size();
}

Task<> SocketStream::flush() {
  if (gathered_count_ != 0) co_await send_all(gathered_->bytes().first(gathered_count_));
  gathered_count_ = 0;
  gathered_.reset();
}

// A writer of its own that is sending already sends it all.
Task<> SocketStream::flush_before_waiting() {
  if (!sending_) co_await flush();
}

Task<> SocketStream::send_all(ByteView bytes) {
  struct Sending {
    explicit Sending(bool& now) : now_(now) { now_ = true; }
    ~Sending() { now_ = false; }
    bool& now_;
  };
  const Sending sending(sending_);
  while (!bytes.empty()) {
    throw_if_failed();
    const ssize_t sent = send(descriptor_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      const Error lost(ErrorCode::connection_lost, errno_text(errno));
      throw StreamError(lost);
    }
    co_await wait(asio::posix::stream_descriptor::wait_write);
  }
}

Task<> SocketStream::finish() {
  co_await flush();
  throw_if_failed();
  shutdown(descriptor_.native_handle(), SHUT_WR);
}

void SocketStream::abort(Error why) noexcept {
  if (failure_) return;
  failure_.emplace(std::move(why));
  boost::system::error_code ignored;
  descriptor_.cancel(ignored);
}

void SocketStream::reset() noexcept {
  const linger no_farewell = {.l_onoff = 1, .l_linger = 0};
  (void)setsockopt(descriptor_.native_handle(), SOL_SOCKET, SO_LINGER, &no_farewell, sizeof(no_farewell));
  abort(ErrorCode::interrupted);
}

void SocketStream::set_timeout(std::chrono::milliseconds limit) {
  limit_ = limit;
}

std::chrono::microseconds SocketStream::round_trip() const {
  return tcp_round_trip(descriptor_.native_handle());
}
bool SocketStream::loses_packets() const {
  return tcp_loses_packets(descriptor_.native_handle());
}

Task<> SocketStream::wait(asio::posix::stream_descriptor::wait_type what) {
  throw_if_failed();
  ++waiting_;
  watch();
  boost::system::error_code error;
  co_await descriptor_.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
  --waiting_;
  throw_if_failed();
  if (error == asio::error::operation_aborted) co_return;  // wake(): whoever waits looks again
  if (error) {
    const Error lost(ErrorCode::connection_lost, error.message());
    throw StreamError(lost);
  }
}

// One timer a stream, not one an operation: it fires at the earliest deadline it was armed for and looks
// again.
void SocketStream::watch() {
  if (limit_.count() == 0) {
    deadline_ = Clock::time_point::max();
    return;
  }
  deadline_ = Clock::now() + limit_;
  if (!armed_ || timer_.expiry() > deadline_) arm();
}

void SocketStream::arm() {
  armed_ = true;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = self_](const boost::system::error_code& error) {
    SocketStream* stream = *self;
    if (error || stream == nullptr) return;
    stream->armed_ = false;
    if (stream->waiting_ == 0 || stream->deadline_ == Clock::time_point::max()) return;
    if (Clock::now() >= stream->deadline_)
      stream->abort(
          Error(ErrorCode::timed_out, "no data for " + std::to_string(stream->limit_.count()) + " ms"));
    else
      stream->arm();
  });
}

}  // namespace sampan::net
