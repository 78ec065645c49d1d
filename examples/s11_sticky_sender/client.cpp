// Lesson 11, the client: "hello" and "world", in two sends.
#include "lesson/program.h"
#include "net/deadline.h"
#include "wire/tutorial/length.h"

using namespace sampan;

namespace {

net::Task<> talk(net::EventLoop&, const lesson::Arguments& arguments) {
  const std::chrono::milliseconds pause(arguments.number("--pause", 0, 0, 60'000));
  const bool framed = arguments.has("--framed");
  const auto stream = co_await net::connect(arguments.endpoint(), std::chrono::seconds(10));
  for (const std::string_view message : {"hello", "world"}) {
    if (framed) {
      const auto length = wire::tutorial::encode_length(message.size());
      co_await stream->write(as_bytes(length.value()));
    }
    co_await stream->write(as_bytes(message));
    co_await stream->flush();  // one send() a message. The other end cannot tell.
    co_await net::sleep(pause);
  }
  co_await stream->finish();
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Sends hello and world in two sends, and leaves.",
                               .options = {{"--framed", "", "put its length before each message"},
                                           {"--pause", "MS", "wait so long after each [0]"}}};
  return lesson::run_client(count, arguments, usage, talk);
}
