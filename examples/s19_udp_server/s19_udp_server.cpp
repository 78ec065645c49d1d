// Lesson 19: a UDP server in two classes. UdpServer receives, a RequestHandler answers: here in capitals, and
// later if it is asked to wait.
#include <charconv>

#include "lesson/program.h"
#include "net/deadline.h"
#include "s19_udp_server/udp_server.h"

using namespace sampan;

namespace {

constexpr long longest_wait_ms = 10'000;

// "wait 500 hello": the milliseconds and "hello". Throws if the number is none.
std::pair<std::chrono::milliseconds, std::string> wish(std::string_view text) {
  constexpr std::string_view word = "wait ";
  if (!text.starts_with(word)) return {std::chrono::milliseconds(0), std::string(text)};
  text.remove_prefix(word.size());
  long number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc() || number < 0 || number > longest_wait_ms)
    throw std::invalid_argument("wait: 0 to 10000 ms, not \"" + std::string(text) + "\"");
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return {std::chrono::milliseconds(number), std::string(text)};
}

class Capitals final : public s19::RequestHandler {
 public:
  using RequestHandler::RequestHandler;

  net::Task<> handle() override {
    auto [pause, text] = wish(request().datagram);
    if (pause.count() != 0) co_await net::sleep(pause);  // slow, as a question to a database would be
    for (char& letter : text)
      if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    const auto sent = co_await request().socket.answer(client_address(), as_bytes(text));
    if (!sent) lesson::complain(sent.error());
  }
};

std::unique_ptr<s19::RequestHandler> make_capitals(s19::RequestHandler::Request request,
                                                   const net::Route& client) {
  return std::make_unique<Capitals>(std::move(request), client);
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about = "Answers each datagram in capitals; \"wait MS text\" is answered MS milliseconds later.",
      .port = 9000,
      .connections = false,
      .options = {{"--rate", "N", "datagrams a second that one machine may send for long [1000]"}}};
  return lesson::run_server(count, arguments, usage, [](lesson::Server& server) {
    auto socket = net::DatagramSocket::bind(server.loop(), server.arguments().endpoint());
    if (!socket) throw net::StreamError(socket.error());
    const auto rate = static_cast<double>(server.arguments().number("--rate", 1000, 1, 1'000'000));
    const auto udp = std::make_shared<s19::UdpServer>(server.loop(), std::move(*socket),
                                                      net::RateLimit(rate, 2 * rate), make_capitals);
    lesson::say_listening(udp->server_address());
    server.loop().start(s19::UdpServer::serve_forever(udp));
  });
}
