#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "net/task.h"

namespace sampan::net {

/// One thread that runs coroutines: whatever starts on a loop stays on it, so what only its sessions touch
/// needs no lock.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  boost::asio::any_io_executor executor();

  /// Calls `work` on the loop's thread, soon. From any thread.
  void post(std::function<void()> work);
  /// Starts a coroutine that nobody awaits; what it throws is logged. From any thread. (For groups that are
  /// waited for: TaskGroup.)
  void start(Task<> task);

  /// Runs on the calling thread until stop(), or until nothing is left to do unless keep_running() was
  /// called.
  void run();
  void keep_running();
  void stop();

  /// Runs `task` to its end on the calling thread and gives its value, or throws what it threw. For programs
  /// with one thing to do (the client, tests).
  template <class T>
  T run(Task<T> task);

 private:
  void run_until(Task<> task);
  struct State;
  std::unique_ptr<State> state_;
};

/// A fixed number of loops, each on a thread of its own from construction to destruction (which stops and
/// joins them).
class EventLoops {
 public:
  explicit EventLoops(std::size_t count);
  ~EventLoops();
  std::size_t size() const;
  EventLoop& operator[](std::size_t index);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

template <class T>
T EventLoop::run(Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    run_until(std::move(task));
  } else {
    std::optional<T> value;
    // A named coroutine function with value and reference parameters (g++ 12: no capturing coroutine
    // lambdas).
    struct Into {
      static Task<> store(Task<T> from, std::optional<T>& to) { to.emplace(co_await std::move(from)); }
    };
    run_until(Into::store(std::move(task), value));
    return std::move(*value);
  }
}

}  // namespace sampan::net
