// Lesson 13, the client: reads the length, then exactly as many bytes.
#include "remote_command/client.h"

#include <algorithm>
#include <array>

#include "net/buffered_reader.h"
#include "wire/tutorial/length.h"

using namespace sampan;
using wire::tutorial::length_size;

namespace {

net::Task<> ask(net::ByteStream& stream, const std::string& command) {
  co_await stream.write(as_bytes(command));

  // Exactly: four bytes may come one by one, and what comes behind them is none of theirs.
  net::BufferedReader reader(stream);
  std::array<std::byte, length_size> prefix;
  co_await reader.read_exactly(prefix);
  const auto length = wire::tutorial::decode_length(prefix);
  if (!length) {
    const Error lie = length.error();
    throw net::StreamError(lie);
  }

  // Piece by piece: a length is a claim, and no reason to take memory.
  std::array<std::byte, 64 * 1024> room;
  for (std::size_t left = *length; left > 0;) {
    const ByteSpan piece = ByteSpan(room).first(std::min(left, room.size()));
    co_await reader.read_exactly(piece);
    remote_command::show(piece);
    left -= piece.size();
  }
}

}  // namespace

int main(int count, char** arguments) {
  return remote_command::run_client(
      count, arguments, "Sends each line of standard input as a command and prints its whole answer.", ask);
}
