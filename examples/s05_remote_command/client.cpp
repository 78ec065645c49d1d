// Lesson 5, the client: asks for commands, and takes silence for the end of an answer.
#include "remote_command/client.h"

#include <array>
#include <iostream>

#include "net/socket_control.h"

using namespace sampan;

namespace {

// A command may take its time before its first byte, or have nothing to say at all: both look the same.
constexpr std::chrono::seconds until_it_begins{3};
// Between its bytes the network may pause. Too short and an answer is cut in two, too long and all wait.
constexpr std::chrono::milliseconds until_it_is_over{200};

// Shows what has come.
net::Task<> take(net::ByteStream& stream) {
  std::array<std::byte, 64 * 1024> room;
  const std::size_t got = co_await stream.read_some(room);
  if (got == 0) throw net::StreamError(ErrorCode::connection_lost);
  remote_command::show(ByteView(room).first(got));
}

net::Task<> ask(net::ByteStream& stream, const std::string& command) {
  // What is still there belongs to the command before. The tutorial's client took it for this one's answer.
  for (;;) {
    const bool is_late = co_await net::readable_within(stream, std::chrono::milliseconds(0));
    if (!is_late) break;
    co_await take(stream);
  }

  co_await stream.write(as_bytes(command));
  co_await stream.flush();
  const bool begins = co_await net::readable_within(stream, until_it_begins);
  if (!begins) {
    std::cerr << "(nothing has come for 3 s: no output, or none yet)\n";
    co_return;
  }
  for (bool goes_on = true; goes_on;) {
    co_await take(stream);
    goes_on = co_await net::readable_within(stream, until_it_is_over);
  }
}

}  // namespace

int main(int count, char** arguments) {
  return remote_command::run_client(
      count, arguments, "Sends each line of standard input as a command and prints what comes back.", ask);
}
