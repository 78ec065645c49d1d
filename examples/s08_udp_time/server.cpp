// Lesson 8, the server: what time is it here? Asked in the tutorial's way, or in the Internet's (NTP), at one
// port.
#include <array>
#include <chrono>
#include <ctime>

#include "lesson/program.h"
#include "net/datagram.h"
#include "net/rate_limit.h"
#include "wire/time/format.h"
#include "wire/time/ntp.h"

using namespace sampan;
using Verdict = net::RateLimit::Verdict;

namespace {

std::tm local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return local;
}

// What we can say of our clock: that it is a machine's clock, compared with nothing. 127.127.1.0 is what
// other NTP servers call theirs in that case, far down at stratum 10, so that nobody prefers it to a better
// one.
wire::time::NtpClock own_clock() {
  wire::time::NtpClock clock;
  clock.stratum = 10;
  clock.reference_id = {127, 127, 1, 0};
  clock.precision = -20;  // the kernel stamps a datagram to the microsecond, more or less
  return clock;
}

// Nothing: there is no answer to that, or no right to one. Whoever asks too often gets silence, for the
// sender's address may be that of somebody whom our answers are to flood. NTP has a packet to say so once.
std::string answer_to(const net::Datagram& question, Verdict verdict) {
  if (const auto request = wire::time::decode_ntp_request(question.bytes)) {
    if (verdict == Verdict::just_exhausted) return wire::time::encode_ntp_kiss(*request, "RATE");
    if (verdict == Verdict::exhausted) return "";
    return wire::time::encode_ntp_reply(*request, own_clock(), question.arrived,
                                        std::chrono::system_clock::now());
  }
  const std::string_view text = as_text(question.bytes);
  // A refusal is not an answer to a refusal, or two such servers would go on for ever.
  if (verdict != Verdict::granted || text.starts_with(wire::time::refused)) return "";
  return wire::time::answer_time(text, local_time());
}

net::Task<> tell_time(net::DatagramSocket socket, net::RateLimit limit) {
  std::array<std::byte, 1024> room;  // of a longer question the beginning: it is refused anyway
  for (;;) {
    const net::Datagram question = co_await socket.receive(room);
    const std::string answer = answer_to(question, limit.ask(question.route.peer));
    if (!answer.empty()) co_await socket.answer(question.route, as_bytes(answer));
  }
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about =
          "Tells the time: the answer to a datagram with a strftime format (or to an empty one), and to an "
          "NTP\n"
          "client's.",
      .port = 9000,
      .connections = false,
      .options = {{"--rate", "N", "questions a second that one machine may ask for long [200]"}}};
  return lesson::run_server(count, arguments, usage, [](lesson::Server& server) {
    auto socket = net::DatagramSocket::bind(server.loop(), server.arguments().endpoint());
    if (!socket) throw net::StreamError(socket.error());
    lesson::say_listening(socket->endpoint());
    const auto rate = static_cast<double>(server.arguments().number("--rate", 200, 1, 1'000'000));
    server.loop().start(tell_time(std::move(*socket), net::RateLimit(rate, 2 * rate)));
  });
}
