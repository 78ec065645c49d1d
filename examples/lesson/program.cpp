#include "lesson/program.h"

#include <csignal>
#include <iostream>
#include <mutex>

#include <pthread.h>
#include <signal.h>

#include "base/text.h"

namespace sampan::lesson {
namespace {

// What was ignored from the start (nohup, a shell's background job) stays ignored.
sigset_t block_ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT}) {
    struct sigaction now = {};
    sigaction(number, nullptr, &now);
    if (now.sa_handler != SIG_IGN) sigaddset(&set, number);
  }
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

int report(const Arguments& arguments, const Error& error) {
  std::cerr << arguments.program() << ": " << error.message() << '\n';
  return exit_code(error.code());
}

int run(const Arguments& arguments, const Program& program) {
  try {
    net::EventLoop loop;
    loop.run(program(loop, arguments));
    return 0;
  } catch (const net::StreamError& error) {
    return report(arguments, error.error());
  }
}

}  // namespace

void say(std::string_view line) {
  static std::mutex mutex;  // tidy-allow: standard output is one for the whole process
  const std::lock_guard lock(mutex);
  std::cout << line << '\n' << std::flush;
}

void complain(const Error& error) {
  std::cerr << printable(error.message()) + '\n' << std::flush;
}

void say_listening(const net::Endpoint& endpoint) {
  say("listening " + endpoint.text());
}

void Server::listen(Talk talk) {
  const std::chrono::seconds idle(arguments_.number("--idle", 300, 1, 86'400));
  auto listener = net::Listener::open(
      arguments_.endpoint(), loops_,
      [talk = std::move(talk), idle](net::EventLoop& loop, std::unique_ptr<net::ByteStream> stream) {
        stream->set_timeout(idle);
        loop.start(talk(std::move(stream)));
      });
  if (!listener) throw net::StreamError(listener.error());
  say_listening((*listener)->endpoint());
  listeners_.push_back(std::move(*listener));
}

int run_server(int count, char** arguments, const Usage& usage, const std::function<void(Server&)>& start) {
  const Arguments asked(count, arguments, usage, Arguments::Role::server);
  const sigset_t ending = block_ending_signals();  // before there are threads: they inherit it
  std::signal(SIGPIPE, SIG_IGN);                   // a reader of our output that leaves must not end us
  net::EventLoops loops(1);
  try {
    Server server(asked, loops);
    start(server);
    int number = 0;
    sigwait(&ending, &number);
    return 0;
  } catch (const net::StreamError& error) {
    return report(asked, error.error());
  }
}

int run_client(int count, char** arguments, const Usage& usage, const Program& talk) {
  return run(Arguments(count, arguments, usage, Arguments::Role::client), talk);
}

int run_demonstration(int count, char** arguments, const Usage& usage, const Program& show) {
  return run(Arguments(count, arguments, usage, Arguments::Role::demonstration), show);
}

}  // namespace sampan::lesson
