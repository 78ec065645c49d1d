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

namespace {

/// Wakes a stream at a time, unless it goes before.
class Alarm {
 public:
  Alarm(const boost::asio::any_io_executor& executor, ByteStream& stream, std::chrono::milliseconds from_now)
      : rung_(std::make_shared<bool>(false)), timer_(executor) {
    timer_.expires_after(from_now);
    // What has expired cannot be cancelled any more: an alarm that went has rung for nobody.
    timer_.async_wait([rung = rung_, &stream](const boost::system::error_code& error) {
      if (error || *rung) return;
      *rung = true;
      stream.wake();
    });
  }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm() { *rung_ = true; }
  bool has_rung() const { return *rung_; }

 private:
  std::shared_ptr<bool> rung_;
  boost::asio::steady_timer timer_;
};

}  // namespace

Task<bool> readable_within(ByteStream& stream, std::chrono::milliseconds limit) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const Alarm alarm(executor, stream, limit);
  co_await stream.wait_readable();
  co_return !alarm.has_rung();
}

Task<> sleep(std::chrono::milliseconds time) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor);
  timer.expires_after(time);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace sampan::net
