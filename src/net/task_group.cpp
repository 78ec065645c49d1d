#include "net/task_group.h"

#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/unheard_failure.h"

namespace sampan::net {

namespace asio = boost::asio;

struct TaskGroup::State {
  std::size_t running = 0;
  std::optional<asio::steady_timer> waiting;  // never expires: it is cancelled when none runs any more
};

TaskGroup::TaskGroup() : state_(std::make_shared<State>()) {}
TaskGroup::~TaskGroup() = default;

Task<> TaskGroup::start(Task<> task) {
  const auto executor = co_await asio::this_coro::executor;
  ++state_->running;
  asio::co_spawn(executor, std::move(task), [state = state_](const std::exception_ptr& failure) {
    if (--state->running == 0 && state->waiting) state->waiting->cancel();
    log_unheard(failure);
  });
}

Task<> TaskGroup::wait() {
  const auto executor = co_await asio::this_coro::executor;
  while (state_->running != 0) {
    asio::steady_timer& waiting = state_->waiting.emplace(executor);
    waiting.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code cancelled;
    co_await waiting.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  state_->waiting.reset();
}

}  // namespace sampan::net
