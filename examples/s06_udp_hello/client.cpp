// Lesson 6, the client: says hello until somebody says hi, but not for ever.
#include <array>

#include "base/text.h"
#include "lesson/program.h"
#include "net/datagram.h"
#include "net/deadline.h"

using namespace sampan;

namespace {

net::Task<> talk(net::EventLoop& loop, const lesson::Arguments& arguments) {
  const auto tries = arguments.number("--tries", 5, 1, 20);
  std::chrono::milliseconds patience(arguments.number("--wait", 200, 1, 60'000));

  // Connected: from now on the kernel drops what comes from any other address. Its port is new and random, so
  // an answer to it is an answer to this run: the request number that the format lacks.
  auto socket = net::DatagramSocket::connect(loop, arguments.endpoint());
  if (!socket) throw net::StreamError(socket.error());

  std::array<std::byte, 1024> room;
  for (auto left = tries; left > 0; --left, patience *= 2) {  // twice as long each time: congestion passes
    co_await socket->send(as_bytes("hello"));                 // lost here or on its way, it is the same to us
    const auto answer = co_await socket->receive_within(room, patience);
    if (answer) {
      lesson::say(printable(as_text(answer->bytes)));
      co_return;
    }
    // "Nobody listens there" is a hint that anybody can forge. The server may be starting: keep the pace.
    if (answer.error().code() == ErrorCode::connection_lost) co_await net::sleep(patience);
  }
  const std::string who = arguments.endpoint().text();
  const Error silence(ErrorCode::timed_out,
                      "no answer from " + who + " to " + std::to_string(tries) + " datagrams");
  throw net::StreamError(silence);
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Says hello in a datagram and prints the answer.",
                               .port = 9000,
                               .options = {{"--tries", "N", "how often to ask [5]"},
                                           {"--wait", "MS", "how long to wait the first time [200]"}}};
  return lesson::run_client(count, arguments, usage, talk);
}
