#include "net/event.h"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sampan::net {

namespace asio = boost::asio;

struct Event::State {
  explicit State(const asio::any_io_executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  bool happened = false;
};

Event::Event(EventLoop& loop) : state_(std::make_unique<State>(loop.executor())) {}
Event::~Event() = default;

void Event::happen() {
  state_->happened = true;
  state_->timer.cancel();
}

Task<bool> Event::wait(std::chrono::milliseconds limit) {
  if (!state_->happened) {
    state_->timer.expires_after(limit);
    boost::system::error_code cancelled;
    co_await state_->timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  co_return std::exchange(state_->happened, false);
}

}  // namespace sampan::net
