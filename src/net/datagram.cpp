#include "net/datagram.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/system_error.h"
#include "base/unique_fd.h"
#include "net/byte_stream.h"
#include "net/unix_path.h"

namespace sampan::net {

namespace asio = boost::asio;

namespace {

using Clock = std::chrono::steady_clock;
using Wait = asio::posix::stream_descriptor::wait_type;

// Room for what the kernel says about a datagram: its time and the address it was sent to.
union Control {
  cmsghdr header;
  std::array<char, CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
};

Error cannot(const char* do_what, const Endpoint& endpoint, int error_number) {
  const ErrorCode code =
      error_number == EADDRINUSE ? ErrorCode::exists
      : error_number == EACCES   ? ErrorCode::denied
      : error_number == ENETUNREACH || error_number == ENOENT || error_number == ECONNREFUSED
          ? ErrorCode::connection_lost
          : ErrorCode::invalid;
  return {code, std::string("cannot ") + do_what + " " + endpoint.text() + ": " + errno_text(error_number)};
}

// What the network reports about an earlier datagram, unreliably and unproven.
bool is_hint(int error_number) {
  return error_number == ECONNREFUSED || error_number == EHOSTUNREACH || error_number == ENETUNREACH ||
         error_number == EHOSTDOWN || error_number == ENETDOWN || error_number == EMSGSIZE ||
         error_number == EPROTO || error_number == ENOPROTOOPT || error_number == EACCES;
}

void switch_on(int fd, int level, int option) {
  const int on = 1;
  (void)setsockopt(fd, level, option, &on, sizeof(on));
}

bool is_wildcard(const SocketAddress& address) {
  if (address.family() == AF_INET)
    return reinterpret_cast<const sockaddr_in*>(address.get())->sin_addr.s_addr == htonl(INADDR_ANY);
  return address.family() == AF_INET6 &&
         IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6*>(address.get())->sin6_addr);
}

Result<UniqueFd> make_socket(const SocketAddress& address, const char* do_what, const Endpoint& endpoint) {
  UniqueFd fd(socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail(cannot(do_what, endpoint, errno));
  switch_on(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS);
  if (address.family() == AF_INET6) switch_on(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  return fd;
}

// A datagram sent to a group of machines cannot be answered from that address.
std::optional<SocketAddress> asked_address(const cmsghdr& item) {
  if (item.cmsg_level == IPPROTO_IP && item.cmsg_type == IP_PKTINFO) {
    in_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(&item), sizeof(info));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr = info.ipi_spec_dst;
    return SocketAddress(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
  if (item.cmsg_level == IPPROTO_IPV6 && item.cmsg_type == IPV6_PKTINFO) {
    in6_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(&item), sizeof(info));
    if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) return std::nullopt;
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = info.ipi6_addr;
    return SocketAddress(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
  return std::nullopt;
}

template <class Info>
void put_control(msghdr& message, Control& control, int level, int type, const Info& info) {
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_SPACE(sizeof(info));
  cmsghdr* item = CMSG_FIRSTHDR(&message);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(sizeof(info));
  std::memcpy(CMSG_DATA(item), &info, sizeof(info));
}

void send_from(msghdr& message, Control& control, const SocketAddress& ours) {
  if (ours.family() == AF_INET) {
    in_pktinfo info{};
    info.ipi_spec_dst = reinterpret_cast<const sockaddr_in*>(ours.get())->sin_addr;
    put_control(message, control, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    info.ipi6_addr = reinterpret_cast<const sockaddr_in6*>(ours.get())->sin6_addr;
    put_control(message, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

}  // namespace

struct DatagramSocket::State {
  State(EventLoop& loop, UniqueFd fd, int of_family)
      : descriptor(loop.executor(), fd.release()), family(of_family) {}
  ~State() {
    if (!unix_path.empty()) unlink(unix_path.c_str());
  }

  static Task<Result<Datagram>> receive(std::shared_ptr<State> state, ByteSpan room,
                                        std::optional<std::chrono::milliseconds> limit);
  static Task<Datagram> next(std::shared_ptr<State> state, ByteSpan room);
  static Task<Result<>> send(std::shared_ptr<State> state, const Route* route, ByteView bytes);
  ssize_t receive_now(ByteSpan room, Datagram& datagram);
  ssize_t send_now(const Route* route, ByteView bytes);
  Task<> wait(Wait what);
  void throw_if_aborted() const {
    if (failure) throw StreamError(*failure);
  }
  void wake() noexcept {
    boost::system::error_code ignored;
    descriptor.cancel(ignored);
  }

  asio::posix::stream_descriptor descriptor;
  int family;
  Endpoint endpoint;
  std::string unix_path;  // to be removed at the end
  std::optional<Error> failure;
};

ssize_t DatagramSocket::State::receive_now(ByteSpan room, Datagram& datagram) {
  iovec piece = {.iov_base = room.data(), .iov_len = room.size()};
  Control control{};
  msghdr message{};
  message.msg_name = datagram.route.peer.room();
  message.msg_namelen = sizeof(sockaddr_storage);
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  // MSG_TRUNC: the true size, also of what was cut off.
  const ssize_t size = recvmsg(descriptor.native_handle(), &message, MSG_TRUNC);
  if (size < 0) return size;
  *datagram.route.peer.size_room() = message.msg_namelen;
  datagram.size = static_cast<std::size_t>(size);
  datagram.bytes = room.first(std::min(datagram.size, room.size()));
  datagram.arrived = std::chrono::system_clock::now();
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr; item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPNS) {
      timespec time{};
      std::memcpy(&time, CMSG_DATA(item), sizeof(time));
      datagram.arrived = std::chrono::sys_time<std::chrono::nanoseconds>(
          std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
    } else if (const auto asked = asked_address(*item)) {
      datagram.route.ours = asked;
    }
  }
  return size;
}

// A wait that another's time-out ended is an early look, no more: the callers look again anyway.
Task<> DatagramSocket::State::wait(Wait what) {
  boost::system::error_code error;
  co_await descriptor.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
  throw_if_aborted();
}

Task<Result<Datagram>> DatagramSocket::State::receive(std::shared_ptr<State> state, ByteSpan room,
                                                      std::optional<std::chrono::milliseconds> limit) {
  asio::steady_timer timer(state->descriptor.get_executor());
  if (limit) {
    timer.expires_after(*limit);
    timer.async_wait([weak = std::weak_ptr(state)](const boost::system::error_code& error) {
      if (const auto still = weak.lock(); still && !error) still->wake();
    });
  }
  for (;;) {
    state->throw_if_aborted();
    Datagram datagram;
    if (state->receive_now(room, datagram) >= 0) co_return datagram;
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (limit && Clock::now() >= timer.expiry())
        co_return fail(ErrorCode::timed_out, "no answer in " + std::to_string(limit->count()) + " ms");
      co_await state->wait(asio::posix::stream_descriptor::wait_read);
    } else {
      const Error lost(ErrorCode::connection_lost, errno_text(errno));
      if (!is_hint(errno)) throw StreamError(lost);
      if (limit) co_return fail(lost);
    }
  }
}

Task<Datagram> DatagramSocket::State::next(std::shared_ptr<State> state, ByteSpan room) {
  const auto datagram = co_await receive(state, room, std::nullopt);
  co_return *datagram;  // without a limit nothing else ends the wait, but what is thrown
}

ssize_t DatagramSocket::State::send_now(const Route* route, ByteView bytes) {
  iovec piece = {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
  Control control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (route != nullptr) {
    message.msg_name = const_cast<sockaddr*>(route->peer.get());
    message.msg_namelen = route->peer.size();
    if (route->ours) send_from(message, control, *route->ours);
  }
  return sendmsg(descriptor.native_handle(), &message, MSG_NOSIGNAL);
}

Task<Result<>> DatagramSocket::State::send(std::shared_ptr<State> state, const Route* route, ByteView bytes) {
  for (;;) {
    state->throw_if_aborted();
    if (state->send_now(route, bytes) >= 0) co_return Result<>();
    if (errno == EINTR) continue;
    const bool full = errno == EAGAIN || errno == EWOULDBLOCK;
    // Over UDP our own queue is full and empties by itself. A UNIX socket's receiver that does not read has
    // no right to stop us: for it, full is lost.
    if (full && state->family != AF_UNIX)
      co_await state->wait(asio::posix::stream_descriptor::wait_write);
    else if (errno == EMSGSIZE)
      co_return fail(ErrorCode::invalid,
                     "a datagram of " + std::to_string(bytes.size()) + " bytes: too long");
    else
      co_return fail(ErrorCode::connection_lost, errno_text(errno));
  }
}

DatagramSocket::DatagramSocket(std::shared_ptr<State> state) : state_(std::move(state)) {}
DatagramSocket::DatagramSocket(DatagramSocket&&) noexcept = default;

DatagramSocket& DatagramSocket::operator=(DatagramSocket&& other) noexcept {
  if (this != &other) {
    abort(ErrorCode::interrupted);
    state_ = std::move(other.state_);
  }
  return *this;
}

DatagramSocket::~DatagramSocket() {
  abort(ErrorCode::interrupted);
}

Result<DatagramSocket> DatagramSocket::bind(EventLoop& loop, const Endpoint& endpoint) {
  const auto addresses = addresses_of(endpoint, false);
  if (!addresses) return fail(addresses.error());
  const SocketAddress& address = addresses->front();
  auto fd = make_socket(address, "listen on", endpoint);
  if (!fd) return fail(fd.error());
  if (is_wildcard(address)) {
    if (address.family() == AF_INET)
      switch_on(fd->get(), IPPROTO_IP, IP_PKTINFO);
    else
      switch_on(fd->get(), IPPROTO_IPV6, IPV6_RECVPKTINFO);
  }
  if (endpoint.is_unix()) {
    remove_stale_socket(address, SOCK_DGRAM);
    (void)fchmod(fd->get(), 0600);  // becomes the path's mode
  }
  if (::bind(fd->get(), address.get(), address.size()) != 0)
    return fail(cannot("listen on", endpoint, errno));
  SocketAddress bound;
  getsockname(fd->get(), bound.room(), bound.size_room());
  auto state = std::make_shared<State>(loop, std::move(*fd), address.family());
  state->endpoint = endpoint.is_unix() ? endpoint : bound.endpoint();
  state->unix_path = endpoint.path;
  return DatagramSocket(std::move(state));
}

Result<DatagramSocket> DatagramSocket::connect(EventLoop& loop, const Endpoint& endpoint) {
  const auto addresses = addresses_of(endpoint, false);
  if (!addresses) return fail(addresses.error());
  const SocketAddress& address = addresses->front();
  auto fd = make_socket(address, "reach", endpoint);
  if (!fd) return fail(fd.error());
  if (endpoint.is_unix()) {
    // Without a name of its own nobody could answer; the kernel invents one.
    const sockaddr nameless = {.sa_family = AF_UNIX, .sa_data = {}};
    (void)::bind(fd->get(), &nameless, sizeof(nameless.sa_family));
  }
  if (::connect(fd->get(), address.get(), address.size()) != 0) return fail(cannot("reach", endpoint, errno));
  SocketAddress bound;
  getsockname(fd->get(), bound.room(), bound.size_room());
  auto state = std::make_shared<State>(loop, std::move(*fd), address.family());
  state->endpoint = bound.endpoint();
  return DatagramSocket(std::move(state));
}

const Endpoint& DatagramSocket::endpoint() const {
  return state_->endpoint;
}

Task<Datagram> DatagramSocket::receive(ByteSpan room) {
  return State::next(state_, room);
}

Task<Result<Datagram>> DatagramSocket::receive_within(ByteSpan room, std::chrono::milliseconds limit) {
  return State::receive(state_, room, limit);
}

Task<Result<>> DatagramSocket::send(ByteView bytes) {
  return State::send(state_, nullptr, bytes);
}

Task<Result<>> DatagramSocket::answer(const Route& route, ByteView bytes) {
  return State::send(state_, &route, bytes);
}

void DatagramSocket::abort(Error why) noexcept {
  if (!state_ || state_->failure) return;
  state_->failure.emplace(std::move(why));
  state_->wake();
}

}  // namespace sampan::net
