// Lesson 9: between two programs there are two buffers of the kernel. How large they are, how much fits, and
// what becomes of it when a side closes.
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>  // tidy-allow: this lesson asks the kernel itself; the others leave that to net
#include <unistd.h>

#include "base/system_error.h"
#include "base/unique_fd.h"
#include "lesson/program.h"
#include "net/socket_address.h"

using namespace sampan;

namespace {

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

void show_sizes(const char* when, const UniqueFd& socket) {
  lesson::say(std::string(when) + ": SO_SNDBUF " + std::to_string(size_of(socket, SO_SNDBUF)) +
              ", SO_RCVBUF " + std::to_string(size_of(socket, SO_RCVBUF)));
}

// A TCP connection on this machine; `size` is asked for both sockets' buffers before they connect, if not 0.
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

// Sends until the kernel says "not now", or `most` bytes are with it.
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

struct Arrived {
  std::size_t bytes = 0;
  int error = 0;  // 0: an orderly end
};

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

void show_what_fits(const char* when, int size) {
  auto [client, server] = connection(size);
  const std::size_t sent = send_what_fits(client, 1ULL << 30);
  client.reset();
  const Arrived arrived = receive_all(server);
  lesson::say(std::string(when) + ": " + std::to_string(sent) +
              " bytes fit while nobody reads; after close() " + std::to_string(arrived.bytes) + " arrive");
}

// The client's question is one byte, the answer is more than its receive buffer holds at once.
void show_close(const char* when, bool read_first) {
  auto [client, server] = connection(0);
  must("send", send(client.get(), "?", 1, MSG_NOSIGNAL));
  std::array<char, 1> question;
  must("recv", recv(server.get(), question.data(), 1, read_first ? 0 : MSG_PEEK));  // it is there
  const std::size_t sent = send_what_fits(server, 1'000'000);
  server.reset();
  const Arrived arrived = receive_all(client);
  lesson::say(std::string(when) + ": " + std::to_string(sent) + " bytes sent, " +
              std::to_string(arrived.bytes) + " arrived, then " +
              (arrived.error == 0 ? "the end" : errno_text(arrived.error)));
}

net::Task<> show(net::EventLoop&, const lesson::Arguments& arguments) {
  const int size = static_cast<int>(arguments.number("--ask", 2048, 1, 1 << 30));
  const UniqueFd fresh(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  show_sizes("a new socket", fresh);
  show_sizes("connected", connection(0).first);  // grown: the kernel adapts them to the traffic
  ask_for(fresh, SO_SNDBUF, size);
  ask_for(fresh, SO_RCVBUF, size);
  show_sizes(("asked for " + std::to_string(size) + " each").c_str(),
             fresh);  // doubled, for the kernel's own needs
  show_what_fits("as they come", 0);
  show_what_fits(("asked for " + std::to_string(size) + " each").c_str(), size);
  show_close("the question was read before close()", true);
  show_close("the question was not read", false);
  co_return;
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Shows the sizes of the kernel's buffers and what they do.",
                               .options = {{"--ask", "BYTES", "what to ask for [2048]"}}};
  return lesson::run_demonstration(count, arguments, usage, show);
}
