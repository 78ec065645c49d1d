// Lesson 3, the client: listens while it waits for the next line to be typed. It fits every server that
// answers in its own time, also one whose answer a person types (lesson 18).
#include <array>

#include "base/text.h"
#include "lesson/program.h"
#include "net/event.h"
#include "net/line_input.h"
#include "wire/tutorial/message.h"

using namespace sampan;

namespace {

// Nothing in the bytes says that an answer will not come, or where it ends.
struct Patience {
  std::chrono::milliseconds beginning;
  std::chrono::milliseconds more;
};

class Conversation {
 public:
  Conversation(net::EventLoop& loop, std::unique_ptr<net::ByteStream> stream)
      : lines_(loop), stream_(std::move(stream)), news_(loop) {}

  // Beside everything else: what the server says, when it says it.
  static net::Task<> listen(std::shared_ptr<Conversation> self) {
    std::array<std::byte, 4096> room;
    try {
      while (const std::size_t got = co_await self->stream_->read_some(room)) {
        self->heard_ += as_text(ByteView(room).first(got));
        self->news_.happen();
        if (!self->asking_) self->show();
      }
    } catch (const net::StreamError& lost) {
      lesson::complain(lost.error());
    }
    self->over_ = true;
    self->news_.happen();
    self->lines_.close();  // nobody is there to hear the next line
  }

  // One message at a time: a second one would melt into the first on the way.
  net::Task<> ask(std::string_view message, Patience patience) {
    asking_ = true;
    co_await stream_->write(as_bytes(message));
    co_await stream_->flush();
    const std::size_t echo = message.size() + std::string_view("SB").size();
    while (!over_ && heard_.size() < echo) {
      const auto limit = heard_.empty() ? patience.beginning : patience.more;
      const bool heard = co_await news_.wait(limit);
      if (!heard) break;
    }
    asking_ = false;
    if (heard_.empty()) throw net::StreamError(over_ ? ErrorCode::connection_lost : ErrorCode::timed_out);
    show();
  }

  bool over() const { return over_; }
  net::LineInput& lines() { return lines_; }

 private:
  void show() {
    lesson::say(printable(heard_));
    heard_.clear();
  }

  net::LineInput lines_;
  std::unique_ptr<net::ByteStream> stream_;
  net::Event news_;
  std::string heard_;  // and not yet shown
  bool asking_ = false;
  bool over_ = false;
};

net::Task<> talk(net::EventLoop& loop, const lesson::Arguments& arguments) {
  const Patience patience = {std::chrono::seconds(arguments.number("--patience", 600, 1, 86'400)),
                             std::chrono::milliseconds(arguments.number("--silence", 300, 1, 600'000))};
  auto stream = co_await net::connect(arguments.endpoint(), std::chrono::seconds(10));
  const auto conversation = std::make_shared<Conversation>(loop, std::move(stream));
  loop.start(Conversation::listen(conversation));
  while (const auto line = co_await conversation->lines().next()) {
    if (line->empty()) lesson::complain(Error(ErrorCode::invalid, "an empty message is none: not sent"));
    for (std::string_view rest = *line; !rest.empty();) {
      const std::string_view message = wire::tutorial::first_message(rest);
      rest.remove_prefix(message.size());
      co_await conversation->ask(message, patience);
    }
  }
  if (conversation->over()) throw net::StreamError(Error(ErrorCode::connection_lost, "the server has left"));
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Sends each line of standard input and prints what the server says.",
                               .options = {{"--patience", "SECONDS", "how long an answer may take [600]"},
                                           {"--silence", "MS", "what ends an answer that is no echo [300]"}}};
  return lesson::run_client(count, arguments, usage, talk);
}
