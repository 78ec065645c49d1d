// Lesson 0, connections: a server's calls and a client's, and what a read says when there is nothing.
#include "s00_sockets/streams.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <sys/socket.h>  // tidy-allow: this lesson is the calls themselves; the others leave them to net
#include <sys/time.h>

#include "base/system_error.h"
#include "s00_sockets/steps.h"

namespace sampan::s00_sockets {

using net::SocketAddress;

namespace {

std::string name_of(int fd, decltype(getsockname)* question) {
  SocketAddress address;
  return question(fd, address.room(), address.size_room()) == 0 ? address.text() : errno_text(errno);
}

// send() may take less than it is given, and says how much; nothing is lost. This goes on until all is taken.
void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);  // no SIGPIPE: an error we can see
    if (sent < 0 && errno != EINTR) step("sendall", sent);
    if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string received(int fd) {
  std::array<char, 1024> room;
  const ssize_t got = recv(fd, room.data(), room.size(), 0);
  return got < 0 ? errno_text(errno) : '"' + std::string(room.data(), static_cast<std::size_t>(got)) + '"';
}

void set_timeout(int fd, long milliseconds) {
  const timeval time = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
  step("settimeout", setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)));
}

std::string timeout_of(int fd) {
  timeval time = {};
  socklen_t size = sizeof(time);
  getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, &size);
  return std::to_string(time.tv_sec * 1000 + time.tv_usec / 1000) + " ms";
}

void talk(const UniqueFd& client, const UniqueFd& server) {
  step("send", send(client.get(), "hello", 5, MSG_NOSIGNAL));
  note("recv", received(server.get()));
  send_all(client.get(), "a line\n");
  note("sendall", "all");
  // makefile: a stream of the language over the same socket; closing it closes its own copy.
  std::array<char, 100> line;
  const int copy = fcntl(server.get(), F_DUPFD_CLOEXEC, 0);
  const std::unique_ptr<FILE, decltype(&std::fclose)> file(fdopen(copy, "r"), &std::fclose);
  note("makefile",
       file && std::fgets(line.data(), line.size(), file.get()) != nullptr ? "a line" : "nothing");
  note("fileno", std::to_string(server.get()));
}

// What a read does when nothing has come: it says so at once, or waits for so long.
void wait_or_not(const UniqueFd& server) {
  const int flags = fcntl(server.get(), F_GETFL);
  step("setblocking",
       fcntl(server.get(), F_SETFL, flags | O_NONBLOCK));  // do not wait: "not now" is an answer
  note("recv", received(server.get()));
  step("setblocking", fcntl(server.get(), F_SETFL, flags));
  set_timeout(server.get(), 50);  // wait, but not for ever; Linux says "not now" here, too
  note("gettimeout", timeout_of(server.get()));
  note("recv", received(server.get()));
}

}  // namespace

void tour_of_streams(const SocketAddress& where) {
  const UniqueFd listener = new_socket(where.family(), SOCK_STREAM);
  const int on = 1;  // without it, a port that was in use a minute ago is refused
  step("setsockopt", setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
  step("bind", bind(listener.get(), where.get(), where.size()));
  SocketAddress door;
  step("getsockname", getsockname(listener.get(), door.room(), door.size_room()));

  // connect raises an exception, connect_ex gives the error's number: bound is not yet listening.
  const UniqueFd early = new_socket(where.family(), SOCK_STREAM);
  const int refused = connect(early.get(), door.get(), door.size()) == 0 ? 0 : errno;
  note("connect_ex", std::to_string(refused) + ", " + errno_text(refused));

  step("listen",
       listen(listener.get(), 5));  // 5 may wait to be accepted; how many are served is our business
  UniqueFd client = new_socket(where.family(), SOCK_STREAM);
  step("connect", connect(client.get(), door.get(), door.size()));
  const UniqueFd server(static_cast<int>(step("accept", accept(listener.get(), nullptr, nullptr))));
  note("getpeername", name_of(client.get(), getpeername));

  talk(client, server);
  wait_or_not(server);

  int type = 0;
  socklen_t size = sizeof(type);
  step("getsockopt", getsockopt(server.get(), SOL_SOCKET, SO_TYPE, &type, &size));
  client.reset();
  note("close", "done");
  note("recv", received(server.get()));  // nothing: the end
}

}  // namespace sampan::s00_sockets
