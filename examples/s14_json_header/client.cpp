// Lesson 14, the client: a length, the header, the bytes; and then whether they are the right ones.
#include "remote_command/client.h"

#include <algorithm>
#include <array>
#include <iostream>

#include "base/encoding.h"
#include "base/text.h"
#include "net/buffered_reader.h"
#include "s14_json_header/md5.h"
#include "wire/tutorial/header.h"
#include "wire/tutorial/length.h"

using namespace sampan;
using wire::tutorial::AnswerHeader;

namespace {

net::Task<AnswerHeader> read_header(net::BufferedReader& reader) {
  std::array<std::byte, wire::tutorial::length_size> prefix;
  co_await reader.read_exactly(prefix);
  const auto length = wire::tutorial::decode_header_length(prefix);  // at most 64 KiB, whatever it says
  if (!length) throw net::StreamError(Error(length.error()));

  std::string json(*length, '\0');
  co_await reader.read_exactly(std::as_writable_bytes(std::span(json)));
  const auto header = wire::tutorial::decode_answer_header(json);
  if (!header) throw net::StreamError(Error(header.error()));
  co_return *header;
}

net::Task<> ask(net::ByteStream& stream, const std::string& command) {
  co_await stream.write(as_bytes(command));
  net::BufferedReader reader(stream);
  const AnswerHeader header = co_await read_header(reader);

  s14_json_header::Md5 md5;
  std::array<std::byte, 64 * 1024> room;
  for (std::uint64_t left = header.total_size; left > 0;) {
    const ByteSpan piece = ByteSpan(room).first(std::min<std::uint64_t>(left, room.size()));
    co_await reader.read_exactly(piece);
    md5.update(piece);
    remote_command::show(piece);
    left -= piece.size();
  }

  if (!s14_json_header::is_md5(header.md5))
    std::cerr << "(not verified: \"" << printable(header.md5) << "\" is no MD5)\n";
  else if (decode_hex(md5.finish()) != decode_hex(header.md5))
    throw net::StreamError(ErrorCode::wrong_digest);
}

}  // namespace

int main(int count, char** arguments) {
  return remote_command::run_client(count, arguments,
                                    "Sends each line of standard input as a command, prints its whole "
                                    "answer, and verifies it.",
                                    ask);
}
