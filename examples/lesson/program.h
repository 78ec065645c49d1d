#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lesson/arguments.h"
#include "net/event_loop.h"
#include "net/tcp.h"

namespace sampan::lesson {

/// One line on standard output, at once: whoever reads it may wait for it. What a peer sent goes through
/// printable() (base/text.h) first. From any thread.
void say(std::string_view line);
/// One line on standard error about what did not work; the program goes on. From any thread.
void complain(const Error& error);

/// A running lesson server: one event loop on a thread of its own, so that what only its conversations touch
/// needs no lock.
class Server {
 public:
  using Talk = std::function<net::Task<>(std::unique_ptr<net::ByteStream>)>;

  Server(const Arguments& arguments, net::EventLoops& loops) : arguments_(arguments), loops_(loops) {}

  const Arguments& arguments() const { return arguments_; }
  net::EventLoop& loop() { return loops_[0]; }

  /// Listens where --listen says, prints `listening HOST:PORT`, and starts `talk` with every connection;
  /// --idle is set as its time-out. A conversation ends when `talk` returns or throws StreamError. Name
  /// `talk` as a coroutine function with value parameters; a lambda must not be the coroutine itself.
  void listen(Talk talk);

 private:
  const Arguments& arguments_;
  net::EventLoops& loops_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
};

/// The line that says where a server listens. Server::listen prints it; for servers with sockets of their
/// own.
void say_listening(const net::Endpoint& endpoint);

/// A server's main: reads the command line, calls `start` (which listens, by Server::listen or otherwise) and
/// stays until SIGTERM or SIGINT. Gives the exit code: 0, or that of what start threw (StreamError), which is
/// one line on standard error.
///
///   int main(int count, char** arguments) {
///     lesson::Usage usage = {.about = "Answers one message."};
///     return lesson::run_server(count, arguments, usage, [](auto& server) { server.listen(talk); });
///   }
int run_server(int count, char** arguments, const Usage& usage, const std::function<void(Server&)>& start);

/// A client's main, or that of a demonstration (which takes no HOST:PORT): runs `talk` to its end on the
/// calling thread. Gives 0, or the code of what it threw.
using Program = std::function<net::Task<>(net::EventLoop& loop, const Arguments& arguments)>;
int run_client(int count, char** arguments, const Usage& usage, const Program& talk);
int run_demonstration(int count, char** arguments, const Usage& usage, const Program& show);

}  // namespace sampan::lesson
