#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "net/event_loop.h"
#include "net/task.h"

namespace sampan::net {

/// Descriptors that are no connections (pipes, a process), waited for together. They stay their owners', who
/// take them out before they close them. On one loop's thread; one wait at a time.
class ReadableSet {
 public:
  /// busy: no more descriptors.
  static Result<ReadableSet> make(EventLoop& loop);
  ReadableSet(ReadableSet&&) noexcept;
  ReadableSet& operator=(ReadableSet&&) noexcept;
  ~ReadableSet();

  Result<> add(int descriptor);
  void remove(int descriptor);

  /// Waits until something can be read from some of them (bytes, or the end), and says from which.
  Task<std::vector<int>> wait();

 private:
  struct State;
  explicit ReadableSet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sampan::net
