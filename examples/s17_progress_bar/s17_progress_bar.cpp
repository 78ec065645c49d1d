// Lesson 17: a progress bar that tells the truth about a transfer: what has arrived, not what was handed
// over.
#include <algorithm>
#include <array>
#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/quantity.h"
#include "lesson/program.h"
#include "net/deadline.h"

using namespace sampan;

namespace {

constexpr std::chrono::milliseconds redraw_interval{100};

struct Progress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  bool over = false;

  // Rounded down, so that 100 is shown for all and nothing less. Of nothing, all has arrived.
  std::uint64_t per_cent() const {
    return total == 0 ? 100 : done / total * 100 + done % total * 100 / total;  // sizes below 2^57
  }
};

// The terminal's width as it is now; a window may be drawn smaller meanwhile.
std::size_t columns() {
  winsize size = {};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// The tutorial's line: a row of bars, padded, and a percentage; one column short of the edge, where some
// terminals begin a new line.
std::string bar(const Progress& progress, std::size_t width) {
  const std::string number = " " + std::to_string(progress.per_cent()) + "%";
  const std::size_t room = width > number.size() + 1 ? width - number.size() - 1 : 0;
  std::string row(room, ' ');
  std::fill_n(row.begin(), room * progress.per_cent() / 100, '|');
  return row + number;
}

// Draws at a fixed rate, however many pieces arrive meanwhile. The last picture is the final one, and the
// line ends: also when the transfer has failed.
net::Task<> draw(std::shared_ptr<Progress> progress) {
  while (!progress->over) {
    std::cout << '\r' << bar(*progress, columns()) << std::flush;
    co_await net::sleep(redraw_interval);
  }
}

net::Task<> send(std::shared_ptr<net::ByteStream> stream, std::uint64_t size, std::uint64_t rate) {
  std::array<std::byte, 8192> piece{};
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t sent = 0; sent < size;) {
    const auto count = std::min<std::uint64_t>(piece.size(), size - sent);
    co_await stream->write(ByteView(piece).first(count));
    co_await stream->flush();
    sent += count;
    const std::chrono::duration<double> due(static_cast<double>(sent) / static_cast<double>(rate));
    const auto early = due - (std::chrono::steady_clock::now() - start);
    if (early > std::chrono::milliseconds(1))
      co_await net::sleep(std::chrono::duration_cast<std::chrono::milliseconds>(early));
  }
  co_await stream->finish();
}

net::Task<> receive(net::ByteStream& stream, Progress& progress) {
  std::array<std::byte, 65536> room;
  while (const std::size_t got = co_await stream.read_some(room)) progress.done += got;
  if (progress.done != progress.total) throw net::StreamError(ErrorCode::connection_lost);
}

net::Task<> transfer(net::EventLoop& loop, const lesson::Arguments& arguments) {
  const auto number = [&](const char* option, std::int64_t otherwise) {
    return static_cast<std::uint64_t>(arguments.number(option, otherwise, 0, std::int64_t{1} << 50));
  };
  const auto progress = std::make_shared<Progress>();
  progress->total = number("--size", 20'000'000);
  auto [sender, receiver] = net::stream_pair(loop);
  const std::uint64_t really = std::min(progress->total, number("--cut", std::int64_t{1} << 50));
  loop.start(send(std::move(sender), really, std::max<std::uint64_t>(1, number("--rate", 5'000'000))));

  const bool terminal = isatty(STDOUT_FILENO) == 1;  // a file or a pipe gets no bar, only the result
  if (terminal) loop.start(draw(progress));
  const auto finish = [&] {
    progress->over = true;
    if (terminal) std::cout << '\r' << bar(*progress, columns()) << std::endl;
  };
  try {
    co_await receive(*receiver, *progress);
  } catch (const net::StreamError&) {
    finish();  // the message on standard error gets a line of its own
    throw;
  }
  finish();
  lesson::say(format_size(progress->done) + " received");
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Receives bytes and shows how many have arrived.",
                               .options = {{"--size", "BYTES", "how many [20000000]"},
                                           {"--rate", "BYTES", "how many a second [5000000]"},
                                           {"--cut", "BYTES", "the sender leaves after so many"}}};
  return lesson::run_demonstration(count, arguments, usage, transfer);
}
