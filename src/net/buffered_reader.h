#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "net/byte_stream.h"

namespace sampan::net {

/// Reads a ByteStream in big pieces and hands out small ones. Holds a 256 KiB buffer only while there are
/// bytes in it: an idle session has none. Same loop and lifetime rules as the stream, which it refers to.
class BufferedReader {
 public:
  explicit BufferedReader(ByteStream& stream);
  ~BufferedReader();
  BufferedReader(const BufferedReader&) = delete;
  BufferedReader& operator=(const BufferedReader&) = delete;

  /// The next `count` bytes (at most 128 KiB) without taking them; valid until the next call of anything
  /// here. Fewer only at the stream's orderly end, and then all that is left.
  Task<ByteView> peek(std::size_t count);
  /// Takes in what has arrived by now, without waiting, until the buffer is full: for a caller who has other
  /// things done meanwhile, so that what comes next is decrypted by then.
  void read_ahead();
  /// Takes `count` bytes that are buffered.
  void consume(std::size_t count);
  /// What is buffered now; the same validity.
  ByteView buffered() const;

  /// Fills `room` completely, straight from the stream where nothing is buffered. Throws connection_lost at
  /// an early end.
  Task<> read_exactly(ByteSpan room);
  /// Reads and forgets `count` bytes. Throws connection_lost at an early end.
  Task<> skip(std::uint64_t count);

 private:
  struct Buffer;
  ByteStream& stream_;
  std::unique_ptr<Buffer> buffer_;
};

}  // namespace sampan::net
