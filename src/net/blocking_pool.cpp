#include "net/blocking_pool.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sampan::net {

namespace asio = boost::asio;

struct BlockingPool::Threads {
  explicit Threads(std::size_t count) : pool(count) {}
  asio::thread_pool pool;
};

BlockingPool::BlockingPool(std::size_t threads) : threads_(std::make_unique<Threads>(threads)) {}

BlockingPool::~BlockingPool() {
  threads_->pool.join();
}

Task<> BlockingPool::call(std::function<void()> work) {
  auto begin = [&](auto handler) {
    auto executor = asio::get_associated_executor(handler);
    // The guard keeps the caller's loop running while the only thing to do is elsewhere.
    auto job = [handler = std::move(handler), guard = asio::make_work_guard(executor), &work]() mutable {
      std::exception_ptr failure;
      try {
        work();
      } catch (...) {
        failure = std::current_exception();
      }
      auto back = guard.get_executor();
      asio::post(back, [handler = std::move(handler), failure, guard = std::move(guard)]() mutable {
        handler(failure);
      });
    };
    asio::post(threads_->pool, std::move(job));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr)>(
      begin, asio::use_awaitable);
}

namespace {

/// Work that somebody looks after. Touched on the caller's loop alone.
struct Watched {
  explicit Watched(const asio::any_io_executor& executor) : wake(executor) {}
  asio::steady_timer wake;
  bool done = false;
  std::exception_ptr failure;
};

}  // namespace

Task<> BlockingPool::call(std::function<void()> work, const Meanwhile& meanwhile) {
  const auto executor = co_await asio::this_coro::executor;
  auto watched = std::make_shared<Watched>(executor);
  // What belongs to the loop goes back to it with the news: a pool's thread that kept some of it would let go
  // of it when the loop may be no more.
  auto job = [watched, guard = asio::make_work_guard(executor), &work]() mutable {
    std::exception_ptr failure;
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    auto back = guard.get_executor();
    asio::post(back, [watched = std::move(watched), guard = std::move(guard), failure] {
      watched->failure = failure;
      watched->done = true;
      watched->wake.cancel();
    });
  };
  asio::post(threads_->pool, std::move(job));
  std::exception_ptr lost;
  try {
    meanwhile.beside();
  } catch (...) {  // the work refers to our caller's frame: it comes first
    lost = std::current_exception();
  }
  while (!watched->done) {
    boost::system::error_code cancelled;
    watched->wake.expires_after(meanwhile.period);
    co_await watched->wake.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (watched->done || lost) continue;
    try {
      co_await meanwhile.tell();
    } catch (...) {
      lost = std::current_exception();
    }
  }
  if (watched->failure) std::rethrow_exception(watched->failure);
  if (lost) std::rethrow_exception(lost);
}

}  // namespace sampan::net
