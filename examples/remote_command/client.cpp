#include "remote_command/client.h"

#include <cstdio>
#include <iostream>

#include "lesson/program.h"
#include "net/line_input.h"
#include "remote_command/server.h"

namespace sampan::remote_command {
namespace {

constexpr std::chrono::seconds connect_patience{10};
constexpr std::chrono::seconds answer_patience{120};

std::string stripped(const std::string& line) {
  constexpr const char* white = " \t\r\n";
  const std::size_t first = line.find_first_not_of(white);
  if (first == std::string::npos) return {};
  return line.substr(first, line.find_last_not_of(white) - first + 1);
}

net::Task<> talk(net::EventLoop& loop, const lesson::Arguments& arguments, const Ask& ask) {
  const auto stream = co_await net::connect(arguments.endpoint(), connect_patience);
  stream->set_timeout(answer_patience);
  net::LineInput input(loop);
  while (const auto line = co_await input.next()) {
    const std::string command = stripped(*line);
    if (command.size() > request_max)
      std::cerr << arguments.program() << ": not sent: a command has at most " << request_max << " bytes\n";
    else if (!command.empty())
      co_await ask(*stream, command);
  }
}

}  // namespace

int run_client(int count, char** arguments, const std::string& about, const Ask& ask) {
  const lesson::Usage usage = {.about = about};
  return lesson::run_client(
      count, arguments, usage,
      [&ask](net::EventLoop& loop, const lesson::Arguments& asked) { return talk(loop, asked, ask); });
}

void show(ByteView bytes) {
  (void)std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  (void)std::fflush(stdout);
}

}  // namespace sampan::remote_command
