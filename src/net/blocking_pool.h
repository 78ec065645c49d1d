#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "net/task.h"

namespace sampan::net {

/// Threads for work that may block: disk, Argon2, database. Work is called on one of them, the caller resumes
/// on its own loop. Work that has begun is always waited for, also when the caller is being cancelled, so it
/// may refer to the caller's frame.
class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads);
  ~BlockingPool();  ///< after the last caller has resumed

  /// `auto work = [&] { return upload.commit(); };  auto receipt = co_await pool.run(work);`
  /// Name the lambda first (g++ 12). Its exception is rethrown here.
  template <class Work>
  Task<std::invoke_result_t<Work&>> run(Work& work);

  /// What a caller does while its work is done.
  struct Meanwhile {
    /// Called at once, on the caller's loop: something to do that does not wait.
    std::function<void()> beside = [] {};
    /// Awaited each time that another `period` has passed, to tell somebody who waits.
    std::function<Task<>()> tell;
    std::chrono::milliseconds period{};
  };

  /// The same for work that may take long. What `meanwhile` throws is thrown once the work has ended; until
  /// then it is not called again. Name it too.
  template <class Work>
  Task<std::invoke_result_t<Work&>> run(Work& work, const Meanwhile& meanwhile);

 private:
  Task<> call(std::function<void()> work);
  Task<> call(std::function<void()> work, const Meanwhile& meanwhile);
  struct Threads;
  std::unique_ptr<Threads> threads_;
};

template <class Work>
Task<std::invoke_result_t<Work&>> BlockingPool::run(Work& work) {
  using Value = std::invoke_result_t<Work&>;
  if constexpr (std::is_void_v<Value>) {
    std::function<void()> job = [&work] { work(); };
    co_await call(std::move(job));
  } else {
    std::optional<Value> value;
    std::function<void()> job = [&] { value.emplace(work()); };
    co_await call(std::move(job));
    co_return std::move(*value);
  }
}

template <class Work>
Task<std::invoke_result_t<Work&>> BlockingPool::run(Work& work, const Meanwhile& meanwhile) {
  using Value = std::invoke_result_t<Work&>;
  if constexpr (std::is_void_v<Value>) {
    std::function<void()> job = [&work] { work(); };
    co_await call(std::move(job), meanwhile);
  } else {
    std::optional<Value> value;
    std::function<void()> job = [&] { value.emplace(work()); };
    co_await call(std::move(job), meanwhile);
    co_return std::move(*value);
  }
}

}  // namespace sampan::net
