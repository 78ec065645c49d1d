// Lesson 6, the server: a datagram that says hello is answered with hi.
#include <array>

#include "base/text.h"
#include "lesson/program.h"
#include "net/datagram.h"

using namespace sampan;

namespace {

net::Task<> greet(net::DatagramSocket socket) {
  std::array<std::byte, 1024> room;
  for (;;) {
    // No connection, no accept: each datagram comes with its sender's address, or with what claims to be it.
    const net::Datagram datagram = co_await socket.receive(room);
    const std::string_view text = as_text(datagram.bytes);
    const std::string rest = datagram.is_cut() ? "... (" + std::to_string(datagram.size) + " bytes)" : "";
    lesson::say(datagram.route.peer.text() + ": " + printable(text) + rest);
    // An answer to anything at all would also answer an answer: two such servers, started against each other
    // by one datagram with a forged sender, would never stop.
    if (text != "hello") continue;
    const auto sent = co_await socket.answer(datagram.route, as_bytes("hi"));
    if (!sent) lesson::say(datagram.route.peer.text() + ": not answered: " + sent.error().message());
  }
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about = "Answers each datagram that says hello with hi.", .port = 9000, .connections = false};
  return lesson::run_server(count, arguments, usage, [](lesson::Server& server) {
    auto socket = net::DatagramSocket::bind(server.loop(), server.arguments().endpoint());
    if (!socket) throw net::StreamError(socket.error());
    lesson::say_listening(socket->endpoint());
    server.loop().start(greet(std::move(*socket)));
  });
}
