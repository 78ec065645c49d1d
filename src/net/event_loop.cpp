#include "net/event_loop.h"

#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/byte_stream.h"
#include "net/unheard_failure.h"

namespace sampan::net {

namespace asio = boost::asio;

struct EventLoop::State {
  asio::io_context context{1};  // one thread: no locking inside
  // Asio makes its descriptors when they are first used; here that is now, not with the first connection,
  // when there may be none left.
  asio::steady_timer first_use{context};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard;
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {}
EventLoop::~EventLoop() = default;

asio::any_io_executor EventLoop::executor() {
  return state_->context.get_executor();
}

void EventLoop::post(std::function<void()> work) {
  asio::post(state_->context, std::move(work));
}

void EventLoop::start(Task<> task) {
  asio::co_spawn(state_->context, std::move(task), log_unheard);
}

void EventLoop::run() {
  state_->context.run();
}
void EventLoop::keep_running() {
  state_->guard.emplace(state_->context.get_executor());
}

void EventLoop::stop() {
  // The guard belongs to the loop's thread; stopping does not need it gone.
  state_->context.stop();
}

void EventLoop::run_until(Task<> task) {
  bool done = false;
  std::exception_ptr failure;
  asio::co_spawn(state_->context, std::move(task), [&](std::exception_ptr thrown) {
    failure = thrown;
    done = true;
  });
  state_->context.restart();
  while (!done)
    if (state_->context.run_one() == 0) throw StreamError(Error(ErrorCode::interrupted));
  if (failure) std::rethrow_exception(failure);
}

struct EventLoops::State {
  std::vector<std::unique_ptr<EventLoop>> loops;
  std::vector<std::jthread> threads;
};

EventLoops::EventLoops(std::size_t count) : state_(std::make_unique<State>()) {
  for (std::size_t i = 0; i < count; ++i) {
    state_->loops.push_back(std::make_unique<EventLoop>());
    state_->loops.back()->keep_running();
  }
  for (const auto& loop : state_->loops) state_->threads.emplace_back([&loop = *loop] { loop.run(); });
}

EventLoops::~EventLoops() {
  for (const auto& loop : state_->loops) loop->stop();
  state_->threads.clear();  // joins
}

std::size_t EventLoops::size() const {
  return state_->loops.size();
}
EventLoop& EventLoops::operator[](std::size_t index) {
  return *state_->loops[index];
}

}  // namespace sampan::net
