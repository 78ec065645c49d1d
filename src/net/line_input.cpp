#include "net/line_input.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/system_error.h"
#include "net/socket_stream.h"

namespace sampan::net {

LineInput::LineInput(EventLoop& loop, int descriptor) : stop_(eventfd(0, EFD_CLOEXEC)) {
  int ends[2] = {-1, -1};
  if (!stop_ || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw StreamError(system_error(errno, "read lines"));
  inlet_.reset(ends[0]);  // blocks: the thread has nothing else to do
  (void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
  lines_ = std::make_unique<SocketStream>(loop.executor(), UniqueFd(ends[1]), "lines", "lines");
  thread_ = std::thread([this, descriptor] { pump(descriptor); });
}

LineInput::~LineInput() {
  lines_.reset();  // a pump that waits for room fails now
  const std::uint64_t one = 1;
  (void)!write(stop_.get(), &one, sizeof(one));
  thread_.join();
}

void LineInput::pump(int descriptor) {
  std::array<pollfd, 2> waited = {pollfd{descriptor, POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
  std::array<std::byte, 64 * 1024> room;
  for (;;) {
    if (poll(waited.data(), waited.size(), -1) < 0) continue;
    if (waited[1].revents != 0) return;
    const ssize_t got = read(descriptor, room.data(), room.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) failure_ = errno;
    if (got <= 0) break;
    ByteView bytes = ByteView(room).first(static_cast<std::size_t>(got));
    while (!bytes.empty()) {
      const ssize_t sent = send(inlet_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EINTR) return;
      if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
  }
  shutdown(inlet_.get(), SHUT_WR);
}

Task<std::optional<std::string>> LineInput::next() {
  std::array<std::byte, 4096> room;
  while (!closed_) {
    const std::size_t end = buffer_.find('\n', searched_);
    if (end != std::string::npos || (ended_ && !buffer_.empty())) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end == std::string::npos ? end : end + 1);
      searched_ = 0;
      if (line.ends_with('\r')) line.pop_back();
      co_return line;
    }
    if (ended_) break;
    searched_ = buffer_.size();
    if (searched_ > longest_line) {
      const Error endless(ErrorCode::invalid, "a line of over 1 MiB");
      throw StreamError(endless);
    }
    try {
      const std::size_t got = co_await lines_->read_some(room);
      ended_ = got == 0;
      buffer_ += as_text(ByteView(room).first(got));
    } catch (const StreamError&) {
      if (!closed_) throw;
    }
    if (ended_ && failure_ != 0) {
      const Error broken(ErrorCode::io_error, "reading lines: " + errno_text(failure_));
      throw StreamError(broken);
    }
  }
  co_return std::nullopt;
}

void LineInput::close() {
  closed_ = true;
  lines_->abort(ErrorCode::interrupted);
}

}  // namespace sampan::net
