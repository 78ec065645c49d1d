#pragma once

#include <chrono>

#include "net/byte_stream.h"

namespace sampan::net {

/// What a connection over a bare socket can do besides being a ByteStream.
class SocketControl {
 public:
  virtual ~SocketControl() = default;
  /// Has whoever waits in wait_readable(), or else the next one, go on at once although there is nothing to
  /// read: for who must hear of something else meanwhile. Any number of times before it is heard: once.
  virtual void wake() noexcept = 0;
  /// abort(), and the peer learns of it: over TCP its end is a reset, which cannot be taken for an end in
  /// order. What it has not read yet is lost to it.
  virtual void reset() noexcept = 0;
};

/// The same of a stream that has a socket of its own; one over another stream (TLS) has not: an assert.
void wake(ByteStream& stream) noexcept;
void reset(ByteStream& stream) noexcept;

/// Waits until there is something to read (bytes, the end, an error), or nothing has come for `limit`: then
/// false, and the stream goes on. For formats whose only sign is silence.
Task<bool> readable_within(ByteStream& stream, std::chrono::milliseconds limit);

}  // namespace sampan::net
