#include "net/socket_control.h"

#include <cassert>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace sampan::net {
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
      wake(stream);
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

void wake(ByteStream& stream) noexcept {
  auto* control = dynamic_cast<SocketControl*>(&stream);
  assert(control != nullptr);
  control->wake();
}

void reset(ByteStream& stream) noexcept {
  auto* control = dynamic_cast<SocketControl*>(&stream);
  assert(control != nullptr);
  control->reset();
}

}  // namespace sampan::net
