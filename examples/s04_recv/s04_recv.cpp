// Lesson 4: what recv() does, in four experiments, and a fifth that shows what to do about it.
#include <array>

#include "base/text.h"
#include "lesson/program.h"
#include "net/buffered_reader.h"
#include "net/deadline.h"
#include "net/event.h"

using namespace sampan;
using std::chrono::milliseconds;

namespace {

// Two ends of a connection, a clock that starts with it, and word from the server to the client.
struct Experiment {
  Experiment(net::EventLoop& loop, const char* title) : ends(net::stream_pair(loop)), was_read(loop) {
    lesson::say(title);
  }
  void note(const std::string& what) const {
    const auto passed = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
    lesson::say(std::to_string(passed.count()) + " ms\t" + what);
  }
  net::ByteStream& client() { return *ends.first; }
  net::ByteStream& server() { return *ends.second; }

  std::pair<std::unique_ptr<net::ByteStream>, std::unique_ptr<net::ByteStream>> ends;
  net::Event was_read;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

// The client: "hello" in pieces; the next when the server has read the one before, or after `pace`. Then it
// stays for a while, and leaves.
net::Task<> send_hello(std::shared_ptr<Experiment> experiment, std::size_t piece, milliseconds pace,
                       milliseconds stay) {
  for (std::string_view rest = "hello"; !rest.empty(); rest.remove_prefix(piece)) {
    co_await experiment->client().write(as_bytes(rest.substr(0, piece)));
    co_await experiment->client().flush();
    if (rest.size() > piece) co_await experiment->was_read.wait(pace);
  }
  co_await net::sleep(stay);
  co_await experiment->client().finish();
}

// The server: one recv().
net::Task<> receive(Experiment& experiment, std::size_t at_most) {
  std::array<std::byte, 1024> room;
  const std::size_t got = co_await experiment.server().read_some(ByteSpan(room).first(at_most));
  const std::string text = printable(as_text(ByteView(room).first(got)));
  experiment.note("recv(" + std::to_string(at_most) + ") -> \"" + text + '"');
  experiment.was_read.happen();
}

net::Task<> show(net::EventLoop& loop, const lesson::Arguments& arguments) {
  constexpr std::array<std::size_t, 3> two_two_one = {2, 2, 1};
  constexpr milliseconds none{0};
  constexpr milliseconds until_read = std::chrono::hours(1);
  const milliseconds stay(arguments.number("--stay", 2000, 0, 60'000));

  auto now =
      std::make_shared<Experiment>(loop, "1. Five bytes are there. recv(n) takes at most n, the rest stays:");
  loop.start(send_hello(now, 5, none, none));
  for (const std::size_t at_most : two_two_one) co_await receive(*now, at_most);

  now = std::make_shared<Experiment>(loop,
                                     "2. No more bytes are there. recv() waits, until the client has left:");
  loop.start(send_hello(now, 5, none, stay));
  co_await receive(*now, 1024);
  now->note("111");
  co_await receive(*now, 1024);
  now->note("222");

  now = std::make_shared<Experiment>(
      loop, "3. The client has left. recv() gives nothing, at once, again and again:");
  loop.start(send_hello(now, 5, none, none));
  for (int i = 0; i < 3; ++i) co_await receive(*now, 1024);

  now =
      std::make_shared<Experiment>(loop, "4. The same three recv() as in 1, but the bytes come one by one:");
  loop.start(send_hello(now, 1, until_read, none));
  for (const std::size_t at_most : two_two_one) co_await receive(*now, at_most);

  now = std::make_shared<Experiment>(
      loop, "5. One by one again, but the server asks for exactly n, and waits for all of them:");
  loop.start(send_hello(now, 1, milliseconds(1), none));
  net::BufferedReader reader(now->server());
  for (const std::size_t exactly : two_two_one) {
    std::string text(exactly, '\0');
    co_await reader.read_exactly(std::as_writable_bytes(std::span(text)));
    now->note("exactly(" + std::to_string(exactly) + ") -> \"" + text + '"');
  }
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Shows what recv() promises, and what it does not.",
                               .options = {{"--stay", "MS", "how long the client of 2 stays [2000]"}}};
  return lesson::run_demonstration(count, arguments, usage, show);
}
