// Lesson 2, the client: a line goes out, its echo comes back, then the next line.
#include <array>
#include <set>

#include "base/text.h"
#include "lesson/program.h"
#include "net/line_input.h"
#include "wire/tutorial/message.h"

using namespace sampan;

namespace {

// The echo of a message as it arrives: the message's bytes in order, SB behind them, and also between them
// wherever the server happened to read only a part. A message may hold an SB of its own, so that what has
// arrived can be read in more than one way: each is kept until it cannot be.
class Echo {
 public:
  explicit Echo(std::string_view message) : message_(message) {}

  void take(char byte) {
    const bool mark = last_ == 'S' && byte == 'B';
    std::set<std::size_t> now;
    for (const std::size_t place : now_)
      if (place < message_.size() && message_[place] == byte) now.insert(place + 1);
    if (mark) now.insert(before_.begin(), before_.end());
    whole_ = mark && before_.contains(message_.size());
    before_ = std::exchange(now_, std::move(now));
    last_ = byte;
  }
  bool whole() const { return whole_; }
  bool impossible() const { return now_.empty() && (last_ != 'S' || before_.empty()); }

 private:
  std::string_view message_;
  std::set<std::size_t> now_ = {0};  // how much of the message has come back
  std::set<std::size_t> before_;     // and one byte earlier
  char last_ = 0;
  bool whole_ = false;
};

net::Task<std::string> ask(net::ByteStream& stream, std::string_view message) {
  co_await stream.write(as_bytes(message));
  std::string answer;
  std::array<std::byte, 4096> room;
  Echo echo(message);
  while (!echo.whole()) {
    const std::size_t got = co_await stream.read_some(room);  // sends what was written, then waits
    if (got == 0)
      throw net::StreamError(Error(ErrorCode::connection_lost, "the server left without answering"));
    const std::string_view piece = as_text(ByteView(room).first(got));
    for (const char byte : piece) echo.take(byte);
    if (echo.impossible()) throw net::StreamError(Error(ErrorCode::bad_request, "this is no echo"));
    answer += piece;
  }
  co_return answer;
}

net::Task<> talk(net::EventLoop& loop, const lesson::Arguments& arguments) {
  const auto stream = co_await net::connect(arguments.endpoint(), std::chrono::seconds(10));
  stream->set_timeout(std::chrono::seconds(30));
  net::LineInput lines(loop);
  while (const auto line = co_await lines.next()) {
    // No bytes are no message: nothing would be sent, and the answer to nothing never comes.
    if (line->empty()) lesson::complain(Error(ErrorCode::invalid, "an empty message is none: not sent"));
    for (std::string_view rest = *line; !rest.empty();) {
      const std::string_view message = wire::tutorial::first_message(rest);
      rest.remove_prefix(message.size());
      lesson::say(printable(co_await ask(*stream, message)));
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Sends each line of standard input and prints its echo."};
  return lesson::run_client(count, arguments, usage, talk);
}
