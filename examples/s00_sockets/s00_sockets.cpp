// Lesson 0: the socket calls that the tutorial lists, as Python names them and as the kernel has them, over
// the three families: AF_INET and AF_INET6 (between machines) and AF_UNIX (within one, named by a path).
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/socket.h>  // tidy-allow: this lesson is the calls themselves; the others leave them to net
#include <sys/time.h>
#include <unistd.h>

#include "base/system_error.h"
#include "base/unique_fd.h"
#include "lesson/program.h"
#include "net/socket_address.h"

using namespace sampan;
using net::SocketAddress;

namespace {

// Python's name for a step and what came of it.
void note(const std::string& call, const std::string& outcome) {
  lesson::say("  " + call + " -> " + outcome);
}
// The same of a call that must work; its number if it has one to tell.
ssize_t step(const std::string& call, ssize_t result) {
  if (result < 0) throw net::StreamError(Error(ErrorCode::io_error, call + ": " + errno_text(errno)));
  note(call, std::to_string(result));
  return result;
}

UniqueFd new_socket(int family, int type) {
  return UniqueFd(static_cast<int>(step("socket", socket(family, type | SOCK_CLOEXEC, 0))));
}

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

  const int flags = fcntl(server.get(), F_GETFL);
  step("setblocking",
       fcntl(server.get(), F_SETFL, flags | O_NONBLOCK));  // do not wait: "not now" is an answer
  note("recv", received(server.get()));
  step("setblocking", fcntl(server.get(), F_SETFL, flags));
  set_timeout(server.get(), 50);  // wait, but not for ever; Linux says "not now" here, too
  note("gettimeout", timeout_of(server.get()));
  note("recv", received(server.get()));

  int type = 0;
  socklen_t size = sizeof(type);
  step("getsockopt", getsockopt(server.get(), SOL_SOCKET, SO_TYPE, &type, &size));
  client.reset();
  note("close", "done");
  note("recv", received(server.get()));  // nothing: the end
}

void tour_of_datagrams(const SocketAddress& left_place, const SocketAddress& right_place) {
  const UniqueFd left = new_socket(left_place.family(), SOCK_DGRAM);
  const UniqueFd right = new_socket(right_place.family(), SOCK_DGRAM);
  step("bind", bind(left.get(), left_place.get(), left_place.size()));
  step("bind", bind(right.get(), right_place.get(), right_place.size()));
  SocketAddress to;
  step("getsockname", getsockname(right.get(), to.room(), to.size_room()));
  step("sendto", sendto(left.get(), "", 0, 0, to.get(), to.size()));  // empty, and yet a message
  step("sendto", sendto(left.get(), "hello", 5, 0, to.get(), to.size()));
  for (int i = 0; i < 2; ++i) {
    std::array<char, 1024> room;
    SocketAddress from;
    step("recvfrom", recvfrom(right.get(), room.data(), room.size(), 0, from.room(), from.size_room()));
  }
}

SocketAddress place(const net::Endpoint& endpoint) {
  const auto addresses = net::addresses_of(endpoint, true);
  if (!addresses) throw net::StreamError(addresses.error());
  return addresses->front();
}

net::Task<> show(net::EventLoop&, const lesson::Arguments&) {
  for (const auto& [family, host] : {std::pair("AF_INET", "127.0.0.1"), std::pair("AF_INET6", "::1")}) {
    lesson::say(family);
    const SocketAddress any_port = place({host, 0, ""});
    try {
      tour_of_streams(any_port);
      tour_of_datagrams(any_port, any_port);
    } catch (const net::StreamError& missing) {
      if (any_port.family() != AF_INET6) throw;  // the one that a machine may lack
      note("not on this machine", missing.what());
    }
  }
  lesson::say("AF_UNIX");
  std::string folder = "/tmp/sampan-lesson-XXXXXX";  // of mode 0700: nobody else can put anything there
  step("(a folder for the paths)", mkdtemp(folder.data()) == nullptr ? -1 : 0);
  const auto path = [&](const char* name) { return folder + "/" + name; };
  const auto tidy_up = [&] {
    for (const char* name : {"stream", "left", "right"}) unlink(path(name).c_str());
    rmdir(folder.c_str());
  };
  try {
    tour_of_streams(place({"", 0, path("stream")}));
    tour_of_datagrams(place({"", 0, path("left")}), place({"", 0, path("right")}));
  } catch (...) {
    tidy_up();
    throw;
  }
  tidy_up();
  co_return;
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Makes each socket call once, over IPv4, IPv6 and a path."};
  return lesson::run_demonstration(count, arguments, usage, show);
}
