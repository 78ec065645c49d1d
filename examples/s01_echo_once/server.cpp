// Lesson 1, the server: whatever a client says comes back in capitals, then the connection ends.
#include <array>

#include "base/text.h"
#include "lesson/program.h"

using namespace sampan;

namespace {

// As Python's bytes.upper(): a-z alone, so that a character of several bytes passes unharmed, also when a
// segment ends within it.
void capitalise(ByteSpan bytes) {
  for (std::byte& byte : bytes)
    if (byte >= std::byte{'a'} && byte <= std::byte{'z'}) byte ^= std::byte{0x20};
}

// The format has no sign for "this was all". Silence is the only one there is.
net::Task<> talk(std::unique_ptr<net::ByteStream> stream, std::chrono::milliseconds end_of_message) {
  const std::string who = stream->peer_address();
  std::array<std::byte, 64 * 1024> room;
  for (;;) {
    const std::size_t got = co_await stream->read_some(room);  // 1 byte or more, not "the message"
    if (got == 0) break;
    const ByteSpan piece = ByteSpan(room).first(got);
    lesson::say(who + ": " + printable(as_text(piece)));
    capitalise(piece);
    co_await stream->write(piece);
    co_await stream->flush();
    stream->set_timeout(end_of_message);
  }
}  // the stream goes, and with it the connection

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Answers a message in capitals and ends the connection.",
                               .options = {{"--silence", "MS", "what ends a message [1000]"}}};
  return lesson::run_server(count, arguments, usage, [](lesson::Server& server) {
    const std::chrono::milliseconds silence(server.arguments().number("--silence", 1000, 1, 600'000));
    server.listen([=](std::unique_ptr<net::ByteStream> stream) { return talk(std::move(stream), silence); });
  });
}
