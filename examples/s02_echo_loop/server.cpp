// Lesson 2, the server: everything comes back with "SB" behind it, until the client has no more to say.
#include <array>

#include "base/text.h"
#include "lesson/program.h"

using namespace sampan;

namespace {

net::Task<> talk(std::unique_ptr<net::ByteStream> stream) {
  const std::string who = stream->peer_address();
  std::array<std::byte, 64 * 1024> room;
  // 0 bytes are the end, and the only one: the client will say nothing more. It may still listen.
  while (const std::size_t got = co_await stream->read_some(room)) {
    const ByteView message = ByteView(room).first(got);
    lesson::say(who + ": " + printable(as_text(message)));
    co_await stream->write(message);  // bytes, never decoded: none of them can be wrong
    co_await stream->write(as_bytes("SB"));
    co_await stream->flush();
  }
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Sends every message back with SB behind it."};
  return lesson::run_server(count, arguments, usage, [](lesson::Server& server) { server.listen(talk); });
}
