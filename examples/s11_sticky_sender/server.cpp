// Lesson 11, the server: what two sends look like at the other end. With --framed each message says its
// length first, and arrives as it was sent.
#include <array>

#include "base/text.h"
#include "lesson/program.h"
#include "net/buffered_reader.h"
#include "net/deadline.h"
#include "wire/tutorial/length.h"

using namespace sampan;
namespace tutorial = sampan::wire::tutorial;

namespace {

constexpr std::uint32_t message_max = 1024 * 1024;

void show(const std::string& who, int number, std::string_view text) {
  lesson::say(who + " " + std::to_string(number) + ": " + printable(text));
}

// A reader that comes late, as a busy one does: what was sent meanwhile is one run of bytes.
net::Task<> read_pieces(std::unique_ptr<net::ByteStream> stream, std::chrono::milliseconds late) {
  co_await net::sleep(late);
  std::array<std::byte, 1024> room;
  for (int number = 1;; ++number) {
    const std::size_t got = co_await stream->read_some(room);
    show(stream->peer_address(), number, as_text(ByteView(room).first(got)));
    if (got == 0) co_return;
  }
}

// The cure: the same late reader, but the stream itself says where a message ends.
net::Task<> read_messages(std::unique_ptr<net::ByteStream> stream, std::chrono::milliseconds late) {
  co_await net::sleep(late);
  net::BufferedReader reader(*stream);
  for (int number = 1;; ++number) {
    const ByteView head = co_await reader.peek(tutorial::length_size);
    if (head.empty()) co_return;
    auto length = tutorial::decode_length(head);
    if (length && *length > message_max) length = fail(ErrorCode::bad_request, "a message of over 1 MiB");
    if (!length) {
      lesson::say(stream->peer_address() + " refused: " + length.error().message());
      co_return;
    }
    reader.consume(tutorial::length_size);
    std::string message(*length, '\0');
    co_await reader.read_exactly(std::as_writable_bytes(std::span(message)));
    show(stream->peer_address(), number, message);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about = "Prints what arrives, read by read; or, with --framed, message by message.",
      .options = {{"--framed", "", "each message has its length before it"},
                  {"--late", "MS", "how late the reader comes [100]"}}};
  return lesson::run_server(count, arguments, usage, [](lesson::Server& server) {
    const std::chrono::milliseconds late(server.arguments().number("--late", 100, 0, 60'000));
    const auto read = server.arguments().has("--framed") ? read_messages : read_pieces;
    server.listen([=](std::unique_ptr<net::ByteStream> stream) { return read(std::move(stream), late); });
  });
}
