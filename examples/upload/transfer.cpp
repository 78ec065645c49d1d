#include "upload/transfer.h"

#include <algorithm>
#include <array>

#include "net/socket_control.h"
#include "wire/tutorial/length.h"

namespace sampan::upload {
namespace {

constexpr std::chrono::seconds farewell_patience{2};

}  // namespace

net::Task<std::optional<std::string>> read_header(net::BufferedReader& reader) {
  const ByteView next = co_await reader.peek(1);
  if (next.empty()) co_return std::nullopt;
  std::array<std::byte, wire::tutorial::length_size> prefix;
  co_await reader.read_exactly(prefix);
  const auto length = wire::tutorial::decode_header_length(prefix);
  if (!length) throw net::StreamError(Error(length.error()));
  std::string json(*length, '\0');
  co_await reader.read_exactly(std::as_writable_bytes(std::span(json)));
  co_return json;
}

net::Task<Result<>> receive(net::BufferedReader& reader, net::BlockingPool& pool, Arrival& arrival) {
  while (arrival.left() > 0) {
    const ByteView next = co_await reader.peek(1);
    if (next.empty()) throw net::StreamError(ErrorCode::connection_lost);
    // The tutorial's receiver forgot this bound, and took the next request for the file's end.
    const ByteView piece = reader.buffered().first(
        static_cast<std::size_t>(std::min<std::uint64_t>(arrival.left(), reader.buffered().size())));
    const auto write = [&] { return arrival.write(piece); };
    auto written = co_await pool.run(write);
    if (!written) co_return written;
    reader.consume(piece.size());
  }
  co_return Result<>();
}

net::Task<Result<>> send_file(net::ByteStream& stream, const std::string& header, OutgoingFile& file) {
  co_await stream.write(as_bytes(header));
  std::array<std::byte, 64 * 1024> room;
  while (file.left() > 0) {
    const auto piece = file.read(room);
    if (!piece) {
      net::reset(stream);
      co_return fail(piece.error());
    }
    co_await stream.write(*piece);
  }
  co_await stream.flush();
  co_return Result<>();
}

net::Task<bool> is_taken(net::ByteStream& stream) {
  co_await stream.finish();
  std::array<std::byte, 4096> room;
  for (;;) {
    const bool says_something = co_await net::readable_within(stream, farewell_patience);
    if (!says_something) co_return false;
    const std::size_t got = co_await stream.read_some(room);
    if (got == 0) co_return true;
  }
}

}  // namespace sampan::upload
