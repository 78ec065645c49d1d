#include "net/deadline.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sampan::net {

struct Deadline::State {
  State(const boost::asio::any_io_executor& executor, ByteStream& aborted)
      : timer(executor), stream(&aborted) {}
  boost::asio::steady_timer timer;
  ByteStream* stream;  // none once cancelled
};

Deadline::Deadline(EventLoop& loop, ByteStream& stream, std::chrono::milliseconds from_now, std::string what)
    : state_(std::make_shared<State>(loop.executor(), stream)) {
  state_->timer.expires_after(from_now);
  state_->timer.async_wait([state = state_, what = std::move(what)](const boost::system::error_code& error) {
    if (!error && state->stream != nullptr) state->stream->abort(Error(ErrorCode::timed_out, what));
  });
}

Deadline::~Deadline() {
  cancel();
}

void Deadline::cancel() {
  state_->stream = nullptr;
  state_->timer.cancel();
}

Task<> sleep(std::chrono::milliseconds time) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor);
  timer.expires_after(time);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace sampan::net
