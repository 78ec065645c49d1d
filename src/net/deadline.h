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

/// Lets the time pass on the current loop.
Task<> sleep(std::chrono::milliseconds time);

}  // namespace sampan::net
