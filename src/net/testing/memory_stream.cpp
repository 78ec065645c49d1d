#include "net/testing/memory_stream.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "net/event.h"

namespace sampan::net::testing {
namespace {

constexpr std::chrono::milliseconds for_ever{24 * 3600 * 1000};
constexpr std::size_t gathered_most = 256 * 1024;

// One direction.
struct Pipe {
  Pipe(EventLoop& loop, std::uint64_t carries) : left(carries), news(loop), room(loop) {}
  std::string bytes;
  std::uint64_t left;  // until the line is cut
  bool ended = false;  // in order
  bool lost = false;   // one of the two went without a word
  Event news;
  Event room;
};

class MemoryStream final : public ByteStream {
 public:
  MemoryStream(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out, const Line& line)
      : in_(std::move(in)), out_(std::move(out)), line_(line) {}
  ~MemoryStream() override { lose(); }

  Task<std::size_t> read_some(ByteSpan room) override {
    co_await wait_readable();
    co_return take(room);
  }
  std::size_t read_now(ByteSpan room) override { return failure_ ? 0 : take(room); }
  Task<> wait_readable() override {
    co_await flush();
    while (in_->bytes.empty() && !in_->ended) {
      if (in_->lost) throw StreamError(ErrorCode::connection_lost);
      co_await wait(in_->news);
    }
  }
  Task<> write(ByteView bytes) override {
    throw_if_failed();
    gathered_ += as_text(bytes);
    if (gathered_.size() > gathered_most) co_await flush();
  }
  Task<> flush() override {
    throw_if_failed();
    if (gathered_.empty()) co_return;
    if (out_->lost) throw StreamError(ErrorCode::connection_lost);
    const std::size_t carried = std::min<std::uint64_t>(gathered_.size(), out_->left);
    out_->bytes.append(gathered_, 0, carried);
    out_->left -= carried;
    const bool cut = carried < gathered_.size();
    gathered_.clear();
    if (cut) lose();
    out_->news.happen();
    while (out_->bytes.size() > line_.holds && !out_->lost) co_await wait(out_->room);
  }
  Task<> finish() override {
    co_await flush();
    if (!out_->lost) out_->ended = true;
    out_->news.happen();
  }
  void abort(Error why) noexcept override {
    if (!failure_) failure_ = std::move(why);
    lose();
  }
  void set_timeout(std::chrono::milliseconds limit) override { limit_ = limit; }
  std::chrono::microseconds round_trip() const override { return line_.round_trip; }
  bool loses_packets() const override { return line_.loses_packets; }
  std::string peer_address() const override { return "memory"; }
  std::string peer_network() const override { return "memory"; }

 private:
  Task<> wait(Event& event) {
    const bool heard = co_await event.wait(limit_.count() == 0 ? for_ever : limit_);
    if (!heard) abort(ErrorCode::timed_out);
    throw_if_failed();
  }
  std::size_t take(ByteSpan room) {
    const std::size_t count = std::min({room.size(), in_->bytes.size(), line_.piece});
    std::memcpy(room.data(), in_->bytes.data(), count);
    in_->bytes.erase(0, count);
    in_->room.happen();
    return count;
  }
  void throw_if_failed() const {
    if (failure_) throw StreamError(*failure_);
  }
  // What has arrived can still be read, and what ended in order has.
  void lose() noexcept {
    for (Pipe* pipe : {in_.get(), out_.get()}) {
      pipe->lost = true;
      pipe->news.happen();
      pipe->room.happen();
    }
  }

  std::shared_ptr<Pipe> in_, out_;
  const Line line_;
  std::string gathered_;
  std::optional<Error> failure_;
  std::chrono::milliseconds limit_{0};
};

}  // namespace

std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> memory_pair(EventLoop& loop) {
  return memory_pair(loop, Line());
}

std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> memory_pair(EventLoop& loop,
                                                                                const Line& line) {
  auto there = std::make_shared<Pipe>(loop, line.from_first);
  auto back = std::make_shared<Pipe>(loop, line.from_second);
  return {std::make_unique<MemoryStream>(back, there, line),
          std::make_unique<MemoryStream>(there, back, line)};
}

}  // namespace sampan::net::testing
