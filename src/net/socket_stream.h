#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/unique_fd.h"
#include "net/buffer_pool.h"
#include "net/byte_stream.h"
#include "net/socket_control.h"

namespace sampan::net {

/// A ByteStream over a connected TCP or UNIX socket: our own recv and send until the kernel has no more, the
/// event loop only to wait.
class SocketStream final : public ByteStream, public SocketControl {
 public:
  /// `fd` is a non-blocking stream socket.
  SocketStream(const boost::asio::any_io_executor& executor, UniqueFd fd, std::string peer,
               std::string network = {});
  ~SocketStream() override;

  Task<std::size_t> read_some(ByteSpan room) override;
  std::size_t read_now(ByteSpan room) override;
  Task<> wait_readable() override;
  void wake() noexcept override;
  Task<> write(ByteView bytes) override;
  Task<> flush() override;
  Task<> finish() override;
  void abort(Error why) noexcept override;
  void reset() noexcept override;
  void set_timeout(std::chrono::milliseconds limit) override;
  std::chrono::microseconds round_trip() const override;
  bool loses_packets() const override;
  std::string peer_address() const override { return peer_; }
  std::string peer_network() const override { return network_; }

  /// For a connect() in progress.
  Task<> wait_writable();

 private:
  using Clock = std::chrono::steady_clock;
  Task<> wait(boost::asio::posix::stream_descriptor::wait_type what);
  Task<> flush_before_waiting();
  Task<> send_all(ByteView bytes);
  void watch();
  void arm();
  void throw_if_failed() const;

  // Asked for its number by what only looks: Asio's has no const form.
  mutable boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<SocketStream*> self_;  // what a late timer finds empty once the stream is gone
  std::string peer_;
  std::string network_;
  std::optional<Error> failure_;
  std::optional<PooledBuffer> gathered_;
  std::size_t gathered_count_ = 0;
  std::chrono::milliseconds limit_{0};
  Clock::time_point deadline_;
  bool sending_ = false;
  bool armed_ = false;
  bool woken_ = false;
  int waiting_ = 0;
};

/// Options that every TCP connection gets: no delay, and on this machine a congestion control that does not
/// pace.
void tune_tcp(int fd, bool same_machine);

}  // namespace sampan::net
