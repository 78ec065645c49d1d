#include "s09_socket_buffers/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/socket.h>  // tidy-allow: this lesson asks the kernel itself; the others leave that to net

#include "base/system_error.h"
#include "net/byte_stream.h"
#include "net/socket_address.h"

namespace sampan::s09_socket_buffers {

ssize_t must(const char* call, ssize_t result) {
  if (result < 0)
    throw net::StreamError(Error(ErrorCode::io_error, std::string(call) + ": " + errno_text(errno)));
  return result;
}

int size_of(const UniqueFd& socket, int which) {
  int bytes = 0;
  socklen_t size = sizeof(bytes);
  must("getsockopt", getsockopt(socket.get(), SOL_SOCKET, which, &bytes, &size));
  return bytes;
}

void ask_for(const UniqueFd& socket, int which, int bytes) {
  must("setsockopt", setsockopt(socket.get(), SOL_SOCKET, which, &bytes, sizeof(bytes)));
}

std::pair<UniqueFd, UniqueFd> connection(int size) {
  const auto where = net::addresses_of({"127.0.0.1", 0, ""}, true);
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  must("socket", std::min(listener.get(), client.get()));
  for (const int which : {SO_SNDBUF, SO_RCVBUF}) {
    if (size == 0) continue;
    ask_for(listener, which, size);  // what it accepts inherits them
    ask_for(client, which, size);
  }
  must("bind", bind(listener.get(), where->front().get(), where->front().size()));
  must("listen", listen(listener.get(), 1));
  net::SocketAddress door;
  must("getsockname", getsockname(listener.get(), door.room(), door.size_room()));
  must("connect", connect(client.get(), door.get(), door.size()));
  UniqueFd server(accept(listener.get(), nullptr, nullptr));
  must("accept", server.get());
  return {std::move(client), std::move(server)};
}

std::size_t send_what_fits(const UniqueFd& socket, std::size_t most) {
  constexpr std::array<char, 1000> piece = {};
  std::size_t total = 0;
  while (total < most) {
    const ssize_t sent =
        send(socket.get(), piece.data(), std::min(piece.size(), most - total), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    total += static_cast<std::size_t>(must("send", sent));  // perhaps fewer than it was given: a partial send
  }
  return total;
}

Arrived receive_all(const UniqueFd& socket) {
  Arrived arrived;
  std::array<char, 4096> room;
  for (;;) {
    const ssize_t got = recv(socket.get(), room.data(), room.size(), 0);
    if (got < 0) arrived.error = errno;
    if (got <= 0) return arrived;
    arrived.bytes += static_cast<std::size_t>(got);
  }
}

}  // namespace sampan::s09_socket_buffers
