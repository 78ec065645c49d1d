// Lesson 10, the client: asks each command twice, and reads the two answers in two ways, side by side.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "lesson/program.h"
#include "net/buffered_reader.h"
#include "net/line_input.h"
#include "net/socket_control.h"

using namespace sampan;

namespace {

constexpr std::chrono::seconds patience{30};
constexpr std::chrono::seconds silence{1};
constexpr std::size_t naive_room = 1024;  // recv(1024)

// The cure that this format leaves: a connection of its own for each command. We end our direction, the
// server answers and ends its own, and that end says what the bytes cannot: this was all.
net::Task<std::string> ask_to_the_end(net::Endpoint server, std::string command) {
  const auto stream = co_await net::connect(server, patience);
  stream->set_timeout(patience);
  co_await stream->write(as_bytes(command));
  co_await stream->finish();
  std::string answer;
  std::array<std::byte, 64 * 1024> room;
  while (const std::size_t got = co_await stream->read_some(room))
    answer += as_text(ByteView(room).first(got));
  co_return answer;
}

// What one recv(1024) gives, when the reader comes late and all of the answer is there. `waiting` is how much
// that is, so that the demonstration shows the same each time: no clock decides it.
net::Task<std::string> receive_once(net::BufferedReader& reader, std::size_t waiting) {
  const std::size_t count = std::min(waiting, naive_room);
  const ByteView got = co_await reader.peek(count);
  std::string text(as_text(got));
  reader.consume(got.size());
  co_return text;
}

std::string described(const std::string& text) {
  constexpr std::size_t shown = 24;
  const std::string start = printable(text.substr(0, shown));
  return std::to_string(text.size()) + " bytes: \"" + start + (text.size() > shown ? "...\"" : "\"");
}

net::Task<> talk(net::EventLoop& loop, const lesson::Arguments& arguments) {
  const net::Endpoint server = arguments.endpoint();
  const auto stream = co_await net::connect(server, patience);
  stream->set_timeout(patience);
  net::BufferedReader reader(*stream);
  std::size_t waiting = 0;  // bytes that were sent to the naive reader and that it has not read

  net::LineInput input(loop);
  while (const auto command = co_await input.next()) {
    if (command->empty()) continue;
    lesson::say("$ " + printable(*command));
    const std::string whole = co_await ask_to_the_end(server, *command);

    const std::size_t residue = waiting;
    waiting += whole.size();
    co_await stream->write(as_bytes(*command));
    co_await stream->flush();
    if (waiting == 0) {
      // Long enough for the server to take this command by itself: the next one must not stick to it.
      const bool comes = co_await net::readable_within(*stream, silence);
      lesson::say(comes ? "  one recv(1024): the server has left"
                        : "  one recv(1024): would wait for ever, as nothing comes");
    } else {
      const std::string got = co_await receive_once(reader, waiting);
      waiting -= got.size();
      lesson::say("  one recv(1024): " + described(got));
      if (residue > 0)
        lesson::say("                  " + std::to_string(std::min(residue, got.size())) +
                    " of them belong to an answer before");
    }
    lesson::say("  up to the end:  " + described(whole));
    if (waiting > 0) lesson::say("  still lying in the way: " + std::to_string(waiting) + " bytes");
  }
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about =
          "Sends each line of standard input as a command and reads the answer in two ways: with one "
          "recv(1024) as the tutorial does, and up to its end."};
  return lesson::run_client(count, arguments, usage, talk);
}
