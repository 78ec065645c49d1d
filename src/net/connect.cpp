#include <cerrno>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <boost/asio/this_coro.hpp>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/system_error.h"
#include "net/socket_address.h"
#include "net/socket_stream.h"
#include "net/tcp.h"

namespace sampan::net {
namespace {

Error cannot_connect(const Endpoint& endpoint, const std::string& why) {
  return {ErrorCode::connection_lost, "cannot reach " + endpoint.text() + ": " + why};
}

}  // namespace

Task<std::unique_ptr<ByteStream>> connect(Endpoint endpoint, std::chrono::milliseconds timeout) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto addresses = addresses_of(endpoint, false);
  if (!addresses) {
    const Error unknown = cannot_connect(endpoint, addresses.error().detail());
    throw StreamError(unknown);
  }
  std::string why = "no address";
  for (const SocketAddress& address : *addresses) {
    UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) {
      why = errno_text(errno);
      continue;
    }
    const int socket_fd = fd.get();
    if (!endpoint.is_unix()) tune_tcp(socket_fd, address.is_loopback());
    auto stream = std::make_unique<SocketStream>(executor, std::move(fd), endpoint.text(), address.network());
    if (::connect(socket_fd, address.get(), address.size()) != 0) {
      if (errno != EINPROGRESS) {
        why = errno_text(errno);
        continue;
      }
      stream->set_timeout(timeout);
      bool in_time = true;
      try {
        co_await stream->wait_writable();
      } catch (const StreamError&) {
        in_time = false;
      }
      int error = 0;
      socklen_t size = sizeof(error);
      getsockopt(socket_fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (!in_time || error != 0) {
        why = in_time ? errno_text(error) : "timed out";
        continue;
      }
    }
    stream->set_timeout(std::chrono::milliseconds(0));
    co_return stream;
  }
  const Error unreachable = cannot_connect(endpoint, why);
  throw StreamError(unreachable);
}

std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> stream_pair(EventLoop& loop) {
  int fds[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
    throw StreamError(system_error(errno, "socketpair"));
  return {std::make_unique<SocketStream>(loop.executor(), UniqueFd(fds[0]), "pair"),
          std::make_unique<SocketStream>(loop.executor(), UniqueFd(fds[1]), "pair")};
}

}  // namespace sampan::net
