#include "net/blocking_pool.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
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

}  // namespace sampan::net
