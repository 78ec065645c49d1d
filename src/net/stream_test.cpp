#include <future>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"
#include "net/buffered_reader.h"
#include "net/deadline.h"
#include "net/socket_control.h"
#include "net/tcp.h"

namespace sampan::net {
namespace {

using std::chrono::milliseconds;

Task<> send_text(ByteStream& stream, std::string text, std::size_t piece) {
  for (std::size_t at = 0; at < text.size(); at += piece) {
    co_await stream.write(as_bytes(std::string_view(text).substr(at, piece)));
    co_await stream.flush();
  }
  co_await stream.finish();
}

Task<std::string> receive_all(ByteStream& stream) {
  std::string text;
  std::array<std::byte, 1000> room;
  for (;;) {
    const std::size_t got = co_await stream.read_some(room);
    if (got == 0) co_return text;
    text += as_text(ByteView(room).first(got));
  }
}

TEST(SocketStream, CarriesEveryByteInOrderAndTheEnd) {
  EventLoop loop;
  auto [a, b] = stream_pair(loop);
  const std::string text(100'000, 'x');
  loop.start(send_text(*a, text, 7));
  EXPECT_EQ(loop.run(receive_all(*b)), text);
}

Task<> send_numbers(ByteStream& stream, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string line = std::to_string(i) + "\n";
    co_await stream.write(as_bytes(line));
    co_await stream.flush();
  }
  co_await stream.finish();
}

// Takes everything, but lets the other side's writer wait in between, and wakes its reader with every piece.
Task<std::string> receive_slowly(ByteStream& stream) {
  std::string text;
  std::array<std::byte, 5000> room;
  for (;;) {
    const std::size_t got = co_await stream.read_some(room);
    if (got == 0) co_return text;
    text += as_text(ByteView(room).first(got));
    co_await stream.write(as_bytes("."));
    co_await stream.flush();
    co_await sleep(milliseconds(0));
  }
}

TEST(SocketStream, BearsAReaderBesideAWriter) {
  EventLoop loop;
  auto [a, b] = stream_pair(loop);
  std::string expected;
  for (int i = 0; i < 60'000; ++i) expected += std::to_string(i) + "\n";
  loop.start(send_numbers(*a, 60'000));
  loop.start([](ByteStream& reading) -> Task<> { co_await receive_all(reading); }(*a));
  EXPECT_EQ(loop.run(receive_slowly(*b)), expected);
}

Task<> read_once(ByteStream& stream) {
  std::array<std::byte, 10> room;
  co_await stream.read_some(room);
}

ErrorCode code_of(EventLoop& loop, Task<> task) {
  try {
    loop.run(std::move(task));
  } catch (const StreamError& error) {
    return error.error().code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::invalid;
}

TEST(SocketStream, ASilentPeerTimesOut) {
  EventLoop loop;
  auto [a, b] = stream_pair(loop);
  a->set_timeout(milliseconds(30));
  EXPECT_EQ(code_of(loop, read_once(*a)), ErrorCode::timed_out);
  EXPECT_EQ(code_of(loop, read_once(*a)), ErrorCode::timed_out);
}

TEST(SocketStream, AbortWakesTheReaderWithTheFirstReason) {
  EventLoop loop;
  auto [a, b] = stream_pair(loop);
  loop.post([&stream = *a] {
    stream.abort(ErrorCode::interrupted);
    stream.abort(ErrorCode::busy);
  });
  EXPECT_EQ(code_of(loop, read_once(*a)), ErrorCode::interrupted);
}

TEST(SocketStream, DeadlineAbortsUnlessCancelled) {
  EventLoop loop;
  auto [a, b] = stream_pair(loop);
  Deadline late(loop, *a, milliseconds(20), "login");
  EXPECT_EQ(code_of(loop, read_once(*a)), ErrorCode::timed_out);
}

Task<std::string> through_reader(ByteStream& stream, std::size_t piece) {
  BufferedReader reader(stream);
  std::string text;
  for (;;) {
    const ByteView seen = co_await reader.peek(piece);
    if (seen.empty()) co_return text;
    text += as_text(seen);
    const std::size_t count = seen.size();
    reader.consume(count);
  }
}

TEST(BufferedReader, GivesTheSameBytesWhateverThePieces) {
  std::string text;
  for (int i = 0; i < 600'000; ++i) text += static_cast<char>(i * 7 + i / 251);
  for (const std::size_t piece : {1000U, 65'540U, 131'072U}) {
    EventLoop loop;
    auto [a, b] = stream_pair(loop);
    loop.start(send_text(*a, text, 50'001));
    EXPECT_EQ(loop.run(through_reader(*b, piece)), text) << piece;
  }
}

// As far ahead as bytes have come, between the small pieces that it hands out.
Task<std::string> read_far_ahead(ByteStream& stream, std::size_t piece) {
  BufferedReader reader(stream);
  std::string text;
  for (;;) {
    reader.read_ahead();
    const ByteView here = co_await reader.peek(piece);
    text += as_text(here);
    const std::size_t count = here.size();
    if (count == 0) co_return text;
    reader.consume(count);
  }
}

TEST(BufferedReader, ReadingAheadLosesNothingAndMakesNobodyWait) {
  std::string text;
  for (int i = 0; i < 600'000; ++i) text += static_cast<char>(i * 7 + i / 251);
  for (const std::size_t piece : {3'000U, 131'072U}) {
    EventLoop loop;
    auto [a, b] = stream_pair(loop);
    BufferedReader(*b).read_ahead();  // there is nothing yet
    loop.start(send_text(*a, text, 50'001));
    EXPECT_EQ(loop.run(read_far_ahead(*b, piece)), text) << piece;
  }
}

Task<> exact_and_skip(ByteStream& stream, std::string& head, std::string& tail) {
  BufferedReader reader(stream);
  const ByteView seen = co_await reader.peek(3);
  head = as_text(seen);
  co_await reader.skip(150'000);
  tail.resize(5);
  co_await reader.read_exactly(std::as_writable_bytes(std::span(tail)));
  std::array<std::byte, 1> more;
  co_await reader.read_exactly(more);
}

TEST(BufferedReader, SkipsAndReadsExactlyAndSaysWhenItIsCutShort) {
  EventLoop loop;
  auto [a, b] = stream_pair(loop);
  loop.start(send_text(*a, std::string(150'000, 'a') + "tail!", 4096));
  std::string head;
  std::string tail;
  EXPECT_EQ(code_of(loop, exact_and_skip(*b, head, tail)), ErrorCode::connection_lost);
  EXPECT_EQ(head, "aaa");
  EXPECT_EQ(tail, "tail!");
}

Task<> greet(std::unique_ptr<ByteStream> stream) {
  co_await send_text(*stream, "welcome", 100);
}

Task<std::string> visit(Endpoint endpoint) {
  const bool local = endpoint.is_unix();
  const auto stream = co_await connect(std::move(endpoint), milliseconds(5000));
  EXPECT_EQ(stream->round_trip() == std::chrono::microseconds(0), local);  // TCP has measured its handshake
  co_return co_await receive_all(*stream);
}

TEST(Listener, ServesTcpAndUnixAndSaysItsPort) {
  const testing::TemporaryDirectory temporary;
  EventLoops loops(2);
  const auto serve = [](EventLoop& loop, std::unique_ptr<ByteStream> stream) {
    loop.start(greet(std::move(stream)));
  };
  const Endpoint path{"", 0, temporary.path() + "/socket"};
  auto tcp = Listener::open({"127.0.0.1", 0, ""}, loops, serve);
  auto local = Listener::open(path, loops, serve);
  ASSERT_TRUE(tcp) << tcp.error().message();
  ASSERT_TRUE(local) << local.error().message();
  EXPECT_NE((*tcp)->endpoint().port, 0);
  struct stat status {};
  ASSERT_EQ(::stat(path.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(Listener::open((*tcp)->endpoint(), loops, serve).error().code(), ErrorCode::exists);
  EventLoop here;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(here.run(visit((*tcp)->endpoint())), "welcome");
    EXPECT_EQ(here.run(visit(path)), "welcome");
  }
  const Endpoint gone = (*tcp)->endpoint();
  tcp->reset();
  local->reset();
  EXPECT_NE(::access(path.path.c_str(), F_OK), 0);
}

TEST(Connect, NamesWhatItCannotReach) {
  EventLoop loop;
  try {
    loop.run(visit({"", 0, "/nonexistent/socket"}));
    FAIL();
  } catch (const StreamError& error) {
    EXPECT_EQ(error.error().code(), ErrorCode::connection_lost);
    EXPECT_NE(std::string(error.what()).find("/nonexistent/socket"), std::string::npos);
  }
}

Task<bool> within(ByteStream& stream, milliseconds limit) {
  co_return co_await readable_within(stream, limit);
}

TEST(ReadableWithin, SilenceIsAnAnswerAndTheStreamGoesOn) {
  EventLoop loop;
  auto [a, b] = stream_pair(loop);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(loop.run(within(*b, milliseconds(1))));
  loop.start(send_text(*a, "text", 4));
  EXPECT_TRUE(loop.run(within(*b, milliseconds(60'000))));
  EXPECT_TRUE(loop.run(within(*b, milliseconds(0))));  // it is still there
  EXPECT_EQ(loop.run(receive_all(*b)), "text");
  EXPECT_TRUE(loop.run(within(*b, milliseconds(60'000))));  // the end is readable
}

Task<> wait_and_count(ByteStream& stream, int& count) {
  co_await stream.wait_readable();
  ++count;
}

TEST(SocketStream, WakesOneWaitForEachWake) {
  EventLoop loop;
  auto [a, b] = stream_pair(loop);
  int count = 0;
  wake(*b);  // before anybody waits
  wake(*b);
  loop.run(wait_and_count(*b, count));
  EXPECT_EQ(count, 1);
}

TEST(SocketStream, WakesWhoWaitsAlready) {
  EventLoop loop;
  auto [a, b] = stream_pair(loop);
  int count = 0;
  loop.start(wait_and_count(*b, count));
  loop.post([&stream = *b] { wake(stream); });
  loop.run();
  EXPECT_EQ(count, 1);
}

TEST(SocketStream, AWakeDoesNotDisturbReading) {
  EventLoop loop;
  auto [a, b] = stream_pair(loop);
  loop.post([&stream = *b] { wake(stream); });
  loop.post([&loop, &from = *a] { loop.start(send_text(from, "text", 1)); });
  EXPECT_EQ(loop.run(receive_all(*b)), "text");
}

TEST(SocketStream, AResetIsNoEndInOrder) {
  EventLoops loops(1);
  std::promise<std::unique_ptr<ByteStream>> accepted;
  auto listener = Listener::open(
      {"127.0.0.1", 0, ""}, loops,
      [&](EventLoop&, std::unique_ptr<ByteStream> stream) { accepted.set_value(std::move(stream)); });
  ASSERT_TRUE(listener);
  EventLoop loop;
  const auto client = loop.run(connect((*listener)->endpoint(), milliseconds(10'000)));
  auto server = accepted.get_future().get();
  std::promise<void> done;
  loops[0].post([&] {
    reset(*server);
    server.reset();
    done.set_value();
  });
  done.get_future().wait();
  EXPECT_EQ(code_of(loop, read_once(*client)), ErrorCode::connection_lost);
}

}  // namespace
}  // namespace sampan::net
