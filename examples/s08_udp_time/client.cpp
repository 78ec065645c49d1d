// Lesson 8, the client: asks for the time in a format, or how far our clock is off (--ntp).
#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "base/text.h"
#include "lesson/program.h"
#include "net/datagram.h"
#include "net/deadline.h"
#include "net/line_input.h"
#include "wire/time/format.h"
#include "wire/time/ntp.h"

using namespace sampan;

namespace {

constexpr int tries = 5;

struct Server {
  net::Endpoint endpoint;
  std::chrono::milliseconds first_wait;  // then twice as long each time
};

// One question and its answer. A socket of its own: the format has no number that would tell the answer to
// this question from a late one to the question before; the new port does.
class Question {
 public:
  Question(net::EventLoop& loop, const Server& server)
      : socket_(connected(loop, server.endpoint)), patience_(server.first_wait) {}

  // Asks once more and waits; nothing if there was no answer.
  net::Task<std::optional<net::Datagram>> ask(ByteView question) {
    const auto patience = patience_;
    patience_ *= 2;
    const auto sent = co_await socket_.send(question);
    if (!sent && sent.error().code() == ErrorCode::invalid) throw net::StreamError(sent.error());
    const auto answer = co_await socket_.receive_within(room_, patience);
    if (answer) co_return *answer;
    if (answer.error().code() == ErrorCode::connection_lost) co_await net::sleep(patience);
    co_return std::nullopt;
  }

 private:
  static net::DatagramSocket connected(net::EventLoop& loop, const net::Endpoint& server) {
    auto socket = net::DatagramSocket::connect(loop, server);
    if (!socket) throw net::StreamError(socket.error());
    return std::move(*socket);
  }

  net::DatagramSocket socket_;
  std::vector<std::byte> room_ = std::vector<std::byte>(net::DatagramSocket::bytes_max);
  std::chrono::milliseconds patience_;
};

[[noreturn]] void give_up(const Server& server) {
  throw net::StreamError(Error(ErrorCode::timed_out, "no answer from " + server.endpoint.text()));
}

net::Task<> ask_time(net::EventLoop& loop, const Server& server, std::string format) {
  Question question(loop, server);
  for (int i = 0; i < tries; ++i)
    if (const auto answer = co_await question.ask(as_bytes(format))) {
      lesson::say("当前日期: " + printable(as_text(answer->bytes)));
      co_return;
    }
  give_up(server);
}

std::string signed_seconds(std::chrono::nanoseconds time) {
  return fmt::format("{:+.6f} s", std::chrono::duration<double>(time).count());
}

net::Task<> ask_offset(net::EventLoop& loop, const Server& server) {
  Question question(loop, server);
  for (int i = 0; i < tries; ++i) {
    // Random instead of the time: whoever has not seen the question cannot forge its answer.
    wire::time::NtpTimestamp cookie;
    fill_random(std::as_writable_bytes(std::span(&cookie.bits, 1)));
    const std::string packet = wire::time::encode_ntp_request(cookie);
    const auto asked = std::chrono::system_clock::now();
    const auto answer = co_await question.ask(as_bytes(packet));
    if (!answer) continue;
    const auto reply = wire::time::decode_ntp_reply(answer->bytes, cookie);
    if (!reply && reply.error().code() == ErrorCode::bad_request) continue;  // a late one, or a forgery
    if (!reply) throw net::StreamError(reply.error());
    const auto measured = wire::time::measure(asked, *reply, answer->arrived);
    lesson::say("offset " + signed_seconds(measured.offset) + ", delay " + signed_seconds(measured.delay) +
                ", stratum " + std::to_string(reply->stratum));
    co_return;
  }
  give_up(server);
}

net::Task<> talk(net::EventLoop& loop, const lesson::Arguments& arguments) {
  const Server server = {arguments.endpoint(),
                         std::chrono::milliseconds(arguments.number("--wait", 200, 1, 60'000))};
  if (arguments.has("--ntp")) {
    co_await ask_offset(loop, server);
    co_return;
  }
  net::LineInput keyboard(loop);
  while (auto format = co_await keyboard.next()) co_await ask_time(loop, server, std::move(*format));
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about =
          "Asks for the time: each line of standard input is a strftime format, an empty one the server's "
          "own.",
      .port = 9000,
      .options = {{"--ntp", "", "ask once as an NTP client: how far off is the clock of this machine?"},
                  {"--wait", "MS", "how long to wait for an answer the first time [200]"}}};
  return lesson::run_client(count, arguments, usage, talk);
}
