#include "disk/side_by_side.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace sampan::disk {
namespace {

constexpr std::size_t threads_most = 16;
constexpr std::size_t share_least = 3;  // less is done before another thread has woken

/// What helpers are asked to join, for as long as the one who asks is there.
class Job {
 public:
  explicit Job(std::function<void()> turns) : turns_(std::move(turns)) {}

  /// Does a share of it, unless it is over.
  void join() {
    {
      const std::lock_guard lock(mutex_);
      if (over_) return;
      ++inside_;
    }
    turns_();
    // Under the lock: the one who waits may be gone the moment after.
    const std::lock_guard lock(mutex_);
    if (--inside_ == 0) left_.notify_all();
  }

  /// Nobody joins any more, and nobody is inside.
  void end() {
    std::unique_lock lock(mutex_);
    over_ = true;
    left_.wait(lock, [&] { return inside_ == 0; });
  }

 private:
  const std::function<void()> turns_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t inside_ = 0;
  bool over_ = false;
};

class Helpers {
 public:
  Helpers() = default;
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;
  ~Helpers() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    asked_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  /// Asks `count` of them to join.
  void ask(std::size_t count, const std::shared_ptr<Job>& job) {
    const std::lock_guard lock(mutex_);
    jobs_.insert(jobs_.end(), count, job);
    try {
      while (threads_.size() < threads_most && idle_ + threads_.size() - known_ < jobs_.size())
        threads_.emplace_back([this] { help(); });
    } catch (const std::system_error&) {
      // The system gives no more threads: those that are there do it all.
    }
    for (std::size_t i = 0; i < count; ++i) asked_.notify_one();
  }

 private:
  void help() {
    std::unique_lock lock(mutex_);
    ++known_;
    for (;;) {
      ++idle_;
      asked_.wait(lock, [&] { return ending_ || !jobs_.empty(); });
      --idle_;
      if (jobs_.empty()) return;
      const std::shared_ptr<Job> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job->join();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<std::shared_ptr<Job>> jobs_;  // one for each helper that is wanted
  std::vector<std::thread> threads_;
  std::size_t known_ = 0;  // of the threads: those that have begun
  std::size_t idle_ = 0;   // and of these, those that wait
  bool ending_ = false;
};

/// A job for as long as this lives.
class Call {
 public:
  explicit Call(std::function<void()> turns) : job_(std::make_shared<Job>(std::move(turns))) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { job_->end(); }

  void ask(std::size_t count) {
    static Helpers helpers;  // tidy-allow: threads that keep nothing from one call to the next
    helpers.ask(count, job_);
  }

 private:
  const std::shared_ptr<Job> job_;
};

}  // namespace

void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto take_turns = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  const std::size_t threads = std::min(threads_most, count / share_least);
  if (threads < 2) return take_turns();
  Call call(take_turns);
  call.ask(threads - 1);
  take_turns();
}

void at_once(const std::function<void()>& work, const std::function<void()>& beside) {
  std::atomic_flag taken;
  const auto take = [&] {
    if (!taken.test_and_set()) beside();
  };
  Call call(take);
  call.ask(1);
  work();
  take();
}

}  // namespace sampan::disk
