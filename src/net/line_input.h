#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "net/byte_stream.h"
#include "net/event_loop.h"

namespace sampan::net {

/// Lines that somebody types (or a pipe, or a file gives), read without stopping the loop meanwhile. The
/// descriptor stays as it is: not made non-blocking, which whoever shares it would see, and not closed. A
/// thread waits for it, because a regular file cannot be waited for otherwise; it reads at most 256 KiB
/// ahead. On the loop's thread; one next() at a time.
class LineInput {
 public:
  static constexpr std::size_t longest_line = 1024 * 1024;

  /// `descriptor` 0 is standard input; it must stay open meanwhile.
  explicit LineInput(EventLoop& loop, int descriptor = 0);
  ~LineInput();
  LineInput(const LineInput&) = delete;
  LineInput& operator=(const LineInput&) = delete;

  /// The next line without its end ("\n" or "\r\n"; the last one needs none); nothing once there is no more,
  /// or after close(). Throws StreamError: io_error, or invalid for a line of over 1 MiB.
  Task<std::optional<std::string>> next();

  /// No more lines: whoever waits in next() gets nothing.
  void close();

 private:
  void pump(int descriptor);

  UniqueFd stop_;  // an eventfd: wakes the thread
  UniqueFd inlet_;
  std::unique_ptr<ByteStream> lines_;
  std::string buffer_;
  std::size_t searched_ = 0;  // of buffer_, without finding an end of line
  bool ended_ = false;
  bool closed_ = false;
  std::atomic<int> failure_ = 0;  // errno of the thread's read, set before the inlet closes
  std::thread thread_;
};

}  // namespace sampan::net
