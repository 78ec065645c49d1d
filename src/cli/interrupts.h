#pragma once

#include <functional>
#include <mutex>
#include <thread>

#include "base/unique_fd.h"

namespace sampan::cli {

/// SIGINT, SIGTERM and SIGHUP as events. While a Handler lives the first one calls it, so that a command can
/// end in order; a second one, or one that nobody handles, ends the process with code 130. A signal that was
/// ignored from the start (nohup, a shell's background job) stays ignored. Without start() nothing changes (a
/// server has its own ways with signals).
class Interrupts {
 public:
  Interrupts() = default;
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

  /// Blocks the signals in this thread and all that it starts later, and watches them on one of its own. Call
  /// it before other threads start; a second call does nothing.
  void start();

  enum class Times { once, every };

  /// Calls `on_interrupt` on another thread, once (then the second ends the process) or every time. Handlers
  /// nest: the newest is the one that is called. Starts the watch.
  class Handler {
   public:
    Handler(Interrupts& interrupts, std::function<void()> on_interrupt, Times times = Times::once);
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;
    ~Handler();

   private:
    friend class Interrupts;
    Interrupts& interrupts_;
    std::function<void()> on_interrupt_;
    Times times_;
    bool called_ = false;  // guarded by the mutex of interrupts_
    Handler* outer_;
  };

 private:
  void watch();
  void interrupted();

  UniqueFd signals_;
  UniqueFd stop_;
  std::mutex mutex_;
  Handler* newest_ = nullptr;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace sampan::cli
