#pragma once

#include <chrono>
#include <memory>

#include "net/event_loop.h"

namespace sampan::net {

/// Something that one coroutine waits for and others make happen, all on one loop.
class Event {
 public:
  explicit Event(EventLoop& loop);
  ~Event();

  /// Wakes whoever waits, or the next who would. Any number of times; they count as one.
  void happen();
  /// True once it has happened since the last wait; false if it did not within `limit`.
  Task<bool> wait(std::chrono::milliseconds limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sampan::net
