#pragma once

#include <memory>

#include "net/task.h"

namespace sampan::net {

/// Coroutines that run beside the one that starts them, all on its loop. Whoever lets the group go without
/// waiting leaves them to themselves: they must then hold what they use.
class TaskGroup {
 public:
  TaskGroup();
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Begins it when the caller next waits. What it throws ends it alone, and is logged.
  Task<> start(Task<> task);
  /// Until none runs any more. One waits at a time.
  Task<> wait();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sampan::net
