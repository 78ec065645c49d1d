#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "net/byte_stream.h"
#include "net/event_loop.h"

namespace sampan::net {

/// Aborts a stream with timed_out unless it is cancelled (or goes) in time. On the stream's loop.
class Deadline {
 public:
  Deadline(EventLoop& loop, ByteStream& stream, std::chrono::milliseconds from_now, std::string what);
  ~Deadline();
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Waits until there is something to read (bytes, the end, an error), or nothing has come for `limit`: then
/// false, and the stream goes on. For formats whose only sign is silence.
Task<bool> readable_within(ByteStream& stream, std::chrono::milliseconds limit);

/// Lets the time pass on the current loop.
Task<> sleep(std::chrono::milliseconds time);

}  // namespace sampan::net
