#include "net/event_loop.h"

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include "base/unique_fd.h"
#include "net/blocking_pool.h"
#include "net/byte_stream.h"
#include "net/deadline.h"
#include "net/event.h"

namespace sampan::net {
namespace {

Task<int> answer() {
  co_return 42;
}
Task<> broken() {
  throw std::runtime_error("broken");
  co_return;
}

TEST(EventLoop, RunGivesTheValueOrTheException) {
  EventLoop loop;
  EXPECT_EQ(loop.run(answer()), 42);
  EXPECT_THROW(loop.run(broken()), std::runtime_error);
  EXPECT_EQ(loop.run(answer()), 42);
}

int lowest_free_descriptor() {
  return UniqueFd(eventfd(0, EFD_CLOEXEC)).get();
}

TEST(EventLoop, HasItsDescriptorsFromTheBeginning) {
  EventLoop loop;
  const int free = lowest_free_descriptor();
  loop.run(sleep(std::chrono::milliseconds(1)));
  EXPECT_EQ(lowest_free_descriptor(), free);
}

Task<> on_pool(BlockingPool& pool, std::thread::id& during, std::thread::id& after) {
  auto work = [&] { during = std::this_thread::get_id(); };
  co_await pool.run(work);
  after = std::this_thread::get_id();
}

TEST(BlockingPool, WorksElsewhereAndComesBack) {
  EventLoop loop;
  BlockingPool pool(2);
  std::thread::id during;
  std::thread::id after;
  loop.run(on_pool(pool, during, after));
  EXPECT_NE(during, std::this_thread::get_id());
  EXPECT_EQ(after, std::this_thread::get_id());
}

Task<std::string> value_of(BlockingPool& pool) {
  auto work = [] { return std::string(1000, 'x'); };
  co_return co_await pool.run(work);
}
Task<> failing(BlockingPool& pool) {
  auto work = [] { throw StreamError(ErrorCode::busy); };
  co_await pool.run(work);
}

TEST(BlockingPool, ValuesAndExceptionsTravel) {
  EventLoop loop;
  BlockingPool pool(2);
  EXPECT_EQ(loop.run(value_of(pool)), std::string(1000, 'x'));
  EXPECT_THROW(loop.run(failing(pool)), StreamError);
}

TEST(Event, IsKeptUntilSomebodyAsks) {
  using std::chrono::milliseconds;
  EventLoop loop;
  Event event(loop);
  EXPECT_FALSE(loop.run(event.wait(milliseconds(1))));
  event.happen();
  event.happen();
  EXPECT_TRUE(loop.run(event.wait(milliseconds(60'000))));
  EXPECT_FALSE(loop.run(event.wait(milliseconds(1))));
  loop.post([&] { event.happen(); });
  EXPECT_TRUE(loop.run(event.wait(milliseconds(60'000))));
}

/// Work that ends when it is told to.
class Slow {
 public:
  void work() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return end_; });
  }
  void end() {
    const std::lock_guard lock(mutex_);
    end_ = true;
    ended_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
};

constexpr std::chrono::milliseconds soon{1};

Task<int> informed(BlockingPool& pool, int& calls) {
  Slow slow;
  auto work = [&] {
    slow.work();
    return 42;
  };
  BlockingPool::Meanwhile meanwhile;
  meanwhile.period = soon;
  meanwhile.tell = [&]() -> Task<> {
    if (++calls == 3) slow.end();
    co_return;
  };
  co_return co_await pool.run(work, meanwhile);
}

TEST(BlockingPool, TellsWhoeverWaitsThatItIsStillAtIt) {
  EventLoop loop;
  BlockingPool pool(2);
  int calls = 0;
  EXPECT_EQ(loop.run(informed(pool, calls)), 42);
  EXPECT_GE(calls, 3);
}

Task<> informing_nobody(BlockingPool& pool, int& calls, bool& ended) {
  Slow slow;
  auto work = [&] {
    slow.work();
    ended = true;
  };
  BlockingPool::Meanwhile meanwhile;
  meanwhile.period = soon;
  meanwhile.tell = [&]() -> Task<> {
    ++calls;
    slow.end();
    throw StreamError(ErrorCode::connection_lost);
    co_return;
  };
  co_await pool.run(work, meanwhile);
}

TEST(BlockingPool, ALostListenerIsToldAfterTheWork) {
  EventLoop loop;
  BlockingPool pool(2);
  int calls = 0;
  bool ended = false;
  EXPECT_THROW(loop.run(informing_nobody(pool, calls, ended)), StreamError);
  EXPECT_TRUE(ended);
  EXPECT_EQ(calls, 1);
}

Task<> with_something_beside(BlockingPool& pool, bool& failing) {
  Slow slow;
  bool ended = false;
  auto work = [&] {
    slow.work();  // would go on for ever if what is to be done beside it came after it
    ended = true;
  };
  BlockingPool::Meanwhile meanwhile;
  meanwhile.period = std::chrono::minutes(1);
  meanwhile.tell = []() -> Task<> { co_return; };
  meanwhile.beside = [&] {
    slow.end();
    if (failing) throw StreamError(ErrorCode::timed_out);
  };
  try {
    co_await pool.run(work, meanwhile);
    EXPECT_FALSE(failing);
  } catch (const StreamError& error) {
    EXPECT_TRUE(failing);
    EXPECT_EQ(error.error().code(), ErrorCode::timed_out);
  }
  EXPECT_TRUE(ended);
}

TEST(BlockingPool, SomethingIsDoneBesideTheWorkAndItsFailureWaits) {
  EventLoop loop;
  BlockingPool pool(2);
  for (bool failing : {false, true}) loop.run(with_something_beside(pool, failing));
}

Task<> looked_after(BlockingPool& pool) {
  auto work = [] {};
  BlockingPool::Meanwhile meanwhile;
  meanwhile.period = std::chrono::minutes(1);
  meanwhile.tell = []() -> Task<> { co_return; };
  co_await pool.run(work, meanwhile);
}

TEST(BlockingPool, ALoopMayGoAsSoonAsItsWorkIsDone) {
  BlockingPool pool(2);
  for (int i = 0; i < 5'000; ++i) {
    EventLoop loop;
    loop.run(looked_after(pool));
  }
}

Task<> failing_slowly(BlockingPool& pool) {
  auto work = [] { throw StreamError(ErrorCode::busy); };
  BlockingPool::Meanwhile meanwhile;
  meanwhile.period = soon;
  meanwhile.tell = []() -> Task<> { co_return; };
  co_await pool.run(work, meanwhile);
}

TEST(BlockingPool, TheWorksOwnFailureTravelsToo) {
  EventLoop loop;
  BlockingPool pool(2);
  EXPECT_THROW(loop.run(failing_slowly(pool)), StreamError);
}

}  // namespace
}  // namespace sampan::net
