#include "net/byte_stream.h"

#include <array>

#include <gtest/gtest.h>

#include "net/tcp.h"
#include "net/testing/memory_stream.h"

namespace sampan::net {
namespace {

using std::chrono::milliseconds;
using Pair = std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>>;

struct Kind {
  const char* name;
  Pair (*make)(EventLoop& loop);
};

// What every ByteStream promises: those with a socket, and those that tests put in their place.
class ByteStreamTest : public ::testing::TestWithParam<Kind> {
 protected:
  ErrorCode code_of(Task<> task) {
    try {
      loop_.run(std::move(task));
    } catch (const StreamError& error) {
      return error.error().code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::invalid;
  }

  EventLoop loop_;
  Pair pair_ = GetParam().make(loop_);
  ByteStream& near_ = *pair_.first;
};

Task<> say(ByteStream& stream, std::string text, std::size_t piece) {
  for (std::size_t at = 0; at < text.size(); at += piece)
    co_await stream.write(as_bytes(std::string_view(text).substr(at, piece)));
  co_await stream.finish();
}

Task<std::string> hear(ByteStream& stream) {
  std::string text;
  std::array<std::byte, 1000> room;
  while (const std::size_t got = co_await stream.read_some(room)) text += as_text(ByteView(room).first(got));
  co_return text;
}

Task<> read_once(ByteStream& stream) {
  std::array<std::byte, 10> room;
  co_await stream.read_some(room);
}

Task<std::string> ask(ByteStream& stream, std::string question) {
  co_await stream.write(as_bytes(question));  // and no flush: to wait for the answer sends it
  std::array<std::byte, 10> room;
  const std::size_t got = co_await stream.read_some(room);
  co_return std::string(as_text(ByteView(room).first(got)));
}

Task<> answer(ByteStream& stream) {
  std::array<std::byte, 10> room;
  const std::size_t got = co_await stream.read_some(room);
  co_await stream.write(ByteView(room).first(got));
  co_await stream.flush();
}

TEST_P(ByteStreamTest, EveryByteInOrderAndTheEnd) {
  RecordProperty("proves", "R10.3");
  std::string text;
  for (int i = 0; text.size() < 700'000; ++i) text += std::to_string(i) + "\n";
  loop_.start(say(*pair_.second, text, 70'001));
  EXPECT_EQ(loop_.run(hear(near_)), text);
  EXPECT_EQ(loop_.run(hear(near_)), "");  // and it stays the end
}

// Whatever has arrived, in pieces; between them nothing is waited for.
Task<std::string> hear_now(ByteStream& stream) {
  std::string text;
  std::array<std::byte, 1000> room;
  EXPECT_EQ(stream.read_now(room), 0U);  // nobody has said anything
  co_await stream.write(as_bytes(std::string_view("go")));
  co_await stream.flush();
  for (;;) {
    co_await stream.wait_readable();
    const std::size_t got = stream.read_now(room);
    if (got == 0) co_return text;
    text += as_text(ByteView(room).first(got));
  }
}

Task<> say_when_told(ByteStream& stream, std::string text) {
  std::array<std::byte, 2> room;
  co_await stream.read_some(room);
  co_await say(stream, text, 7'001);
}

TEST_P(ByteStreamTest, WhatHasArrivedIsThereWithoutWaiting) {
  std::string text;
  for (int i = 0; text.size() < 300'000; ++i) text += std::to_string(i) + "\n";
  loop_.start(say_when_told(*pair_.second, text));
  EXPECT_EQ(loop_.run(hear_now(near_)), text);
}

TEST_P(ByteStreamTest, WhoWaitsForAnAnswerHasAsked) {
  loop_.start(answer(*pair_.second));
  EXPECT_EQ(loop_.run(ask(near_, "echo")), "echo");
}

TEST_P(ByteStreamTest, SilenceTimesOutAndStaysSo) {
  near_.set_timeout(milliseconds(20));
  EXPECT_EQ(code_of(read_once(near_)), ErrorCode::timed_out);
  EXPECT_EQ(code_of(read_once(near_)), ErrorCode::timed_out);
}

TEST_P(ByteStreamTest, TheFirstReasonOfAnAbortStands) {
  loop_.post([this] {
    near_.abort(ErrorCode::interrupted);
    near_.abort(ErrorCode::busy);
  });
  EXPECT_EQ(code_of(read_once(near_)), ErrorCode::interrupted);
  EXPECT_EQ(code_of(say(near_, "x", 1)), ErrorCode::interrupted);
}

// As much as it takes until the other side's absence is noticed.
Task<> talk_to_nobody(ByteStream& stream) {
  const std::string text(100'000, 'x');
  for (int i = 0; i < 100; ++i) {
    co_await stream.write(as_bytes(text));
    co_await stream.flush();
  }
}

TEST_P(ByteStreamTest, WhoeverLeavesWithoutAWordIsLostToTheOther) {
  pair_.second.reset();
  EXPECT_EQ(code_of(talk_to_nobody(near_)), ErrorCode::connection_lost);
}

TEST_P(ByteStreamTest, WhatArrivedBeforeTheEndIsStillThere) {
  loop_.run(say(*pair_.second, "the last words", 100));
  pair_.second.reset();
  EXPECT_EQ(loop_.run(hear(near_)), "the last words");
}

TEST(MemoryLine, IsCutForBothBehindItsLastByte) {
  EventLoop loop;
  testing::Line line;
  line.from_first = 5;
  line.piece = 2;
  const auto [first, second] = testing::memory_pair(loop, line);
  loop.start(say(*first, "1234567", 7));
  std::string text;
  const auto hear_all = [](ByteStream& stream, std::string& heard) -> Task<> {
    std::array<std::byte, 10> room;
    for (;;) {
      const std::size_t got = co_await stream.read_some(room);
      EXPECT_LE(got, 2U);
      heard += as_text(ByteView(room).first(got));
    }
  };
  EXPECT_THROW(loop.run(hear_all(*second, text)), StreamError);
  EXPECT_EQ(text, "12345");
  EXPECT_THROW(loop.run(say(*second, "x", 1)), StreamError);
}

INSTANTIATE_TEST_SUITE_P(Streams, ByteStreamTest,
                         ::testing::Values(Kind{"Socket", stream_pair}, Kind{"Memory", testing::memory_pair}),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace sampan::net
