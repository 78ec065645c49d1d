// Lesson 3, the server: as lesson 2, and what lies around the conversation: a listening socket, a few loops
// with a thread each, and a coroutine for every client.
#include <array>
#include <atomic>
#include <optional>

#include "base/text.h"
#include "lesson/program.h"

using namespace sampan;

namespace {

// One client's stay, from its arrival to whatever ends it: an orderly goodbye, a reset, silence.
class Visit {
 public:
  Visit(std::string who, std::shared_ptr<std::atomic<int>> present)
      : who_(std::move(who)), present_(std::move(present)) {
    lesson::say(who_ + " is here, " + std::to_string(++*present_) + " in all");
  }
  ~Visit() { lesson::say(who_ + " has left, " + std::to_string(--*present_) + " in all"); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  std::string who_;
  std::shared_ptr<std::atomic<int>> present_;  // the loops share it, and nothing else
};

// What is thrown in here (a lost peer) ends this conversation, and no other knows.
net::Task<> converse(std::unique_ptr<net::ByteStream> stream, std::shared_ptr<std::atomic<int>> present) {
  const Visit visit(stream->peer_address(), std::move(present));
  std::array<std::byte, 16 * 1024> room;
  while (const std::size_t got = co_await stream->read_some(room)) {
    co_await stream->write(ByteView(room).first(got));
    co_await stream->write(as_bytes("SB"));
    co_await stream->flush();
  }
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about = "Sends every message back with SB behind it, to any number of clients.",
      .options = {{"--loops", "N", "threads that serve them [2]"}}};
  std::optional<net::EventLoops> loops;
  std::unique_ptr<net::Listener> door;  // goes before the loops: they carry it
  return lesson::run_server(count, arguments, usage, [&](lesson::Server& server) {
    const lesson::Arguments& asked = server.arguments();
    const std::chrono::seconds idle(asked.number("--idle", 300, 1, 86'400));
    loops.emplace(static_cast<std::size_t>(asked.number("--loops", 2, 1, 64)));
    const auto present = std::make_shared<std::atomic<int>>(0);
    auto opened = net::Listener::open(
        asked.endpoint(), *loops, [=](net::EventLoop& loop, std::unique_ptr<net::ByteStream> stream) {
          stream->set_timeout(idle);
          loop.start(converse(std::move(stream), present));  // and the door is free for the next one
        });
    if (!opened) throw net::StreamError(opened.error());
    door = std::move(*opened);
    lesson::say_listening(door->endpoint());
  });
}
