// Lesson 9: between two programs there are two buffers of the kernel. How large they are, how much fits, and
// what becomes of it when a side closes.
#include <array>

#include <sys/socket.h>  // tidy-allow: this lesson asks the kernel itself; the others leave that to net

#include "base/system_error.h"
#include "lesson/program.h"
#include "s09_socket_buffers/connection.h"

using namespace sampan;
using namespace sampan::s09_socket_buffers;

namespace {

void show_sizes(const char* when, const UniqueFd& socket) {
  lesson::say(std::string(when) + ": SO_SNDBUF " + std::to_string(size_of(socket, SO_SNDBUF)) +
              ", SO_RCVBUF " + std::to_string(size_of(socket, SO_RCVBUF)));
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
