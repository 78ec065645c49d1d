#include "net/datagram.h"

#include <array>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"
#include "net/byte_stream.h"

namespace sampan::net {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds soon{20};
constexpr milliseconds never{60'000};  // as good as
const Endpoint here{"127.0.0.1", 0, ""};

DatagramSocket bound(EventLoop& loop, const Endpoint& endpoint = here) {
  auto socket = DatagramSocket::bind(loop, endpoint);
  EXPECT_TRUE(socket) << socket.error().message();
  return std::move(*socket);
}

DatagramSocket connected(EventLoop& loop, const Endpoint& endpoint) {
  auto socket = DatagramSocket::connect(loop, endpoint);
  EXPECT_TRUE(socket) << socket.error().message();
  return std::move(*socket);
}

struct Received {
  std::string text;
  Datagram datagram;
};

Task<Received> receive(DatagramSocket& socket, std::size_t room_size = 100) {
  std::vector<std::byte> room(room_size);
  const auto datagram = co_await socket.receive_within(room, never);
  if (!datagram) throw StreamError(datagram.error());
  Received received;
  received.text = as_text(datagram->bytes);
  received.datagram = *datagram;
  co_return received;
}

ErrorCode outcome(EventLoop& loop, DatagramSocket& socket, milliseconds limit) {
  std::array<std::byte, 10> room;
  const auto datagram = loop.run(socket.receive_within(room, limit));
  EXPECT_FALSE(datagram);
  return datagram ? ErrorCode::invalid : datagram.error().code();
}

bool sent(EventLoop& loop, DatagramSocket& socket, std::string_view text) {
  return loop.run(socket.send(as_bytes(text))).has_value();
}

TEST(Datagram, KeepsItsBoundariesAndItsEmptiness) {
  EventLoop loop;
  auto server = bound(loop);
  auto client = connected(loop, server.endpoint());
  for (const char* text : {"hello", "", "world"}) ASSERT_TRUE(sent(loop, client, text));
  for (const char* text : {"hello", "", "world"}) {
    const Received received = loop.run(receive(server));
    EXPECT_EQ(received.text, text);
    EXPECT_EQ(received.datagram.size, received.text.size());
    EXPECT_FALSE(received.datagram.is_cut());
    EXPECT_EQ(received.datagram.route.peer.text(), client.endpoint().text());
    EXPECT_FALSE(received.datagram.route.ours);
  }
}

TEST(Datagram, SaysWhatDidNotFit) {
  EventLoop loop;
  auto server = bound(loop);
  auto client = connected(loop, server.endpoint());
  ASSERT_TRUE(sent(loop, client, std::string(5000, 'x')));
  ASSERT_TRUE(sent(loop, client, "next"));
  const Received cut = loop.run(receive(server, 1024));
  EXPECT_EQ(cut.text, std::string(1024, 'x'));
  EXPECT_EQ(cut.datagram.size, 5000U);
  EXPECT_TRUE(cut.datagram.is_cut());
  EXPECT_EQ(loop.run(receive(server)).text, "next");
}

// The first socket of the machine that wants stamps has the kernel switch them on, which it does a little
// later: until then it stamps at the reading.
TEST(Datagram, KnowsWhenItArrivedHoweverLateItIsRead) {
  EventLoop loop;
  auto server = bound(loop);
  auto client = connected(loop, server.endpoint());
  bool stamped_on_arrival = false;
  for (int i = 0; i < 100 && !stamped_on_arrival; ++i) {
    const auto before = std::chrono::system_clock::now();
    ASSERT_TRUE(sent(loop, client, "x"));
    const auto after = std::chrono::system_clock::now();
    ::usleep(20'000);
    const auto arrived = loop.run(receive(server)).datagram.arrived;
    ASSERT_GE(arrived, before);
    stamped_on_arrival = arrived <= after;
  }
  EXPECT_TRUE(stamped_on_arrival);
}

TEST(Datagram, WaitsNoLongerThanAsked) {
  EventLoop loop;
  auto server = bound(loop);
  EXPECT_EQ(outcome(loop, server, soon), ErrorCode::timed_out);
  EXPECT_EQ(outcome(loop, server, milliseconds(0)), ErrorCode::timed_out);
  auto client = connected(loop, server.endpoint());
  ASSERT_TRUE(sent(loop, client, "x"));
  EXPECT_EQ(loop.run(receive(server)).text, "x");
}

TEST(Datagram, AConnectedSocketHearsNobodyElse) {
  EventLoop loop;
  auto server = bound(loop);
  auto client = connected(loop, server.endpoint());
  auto stranger = connected(loop, client.endpoint());
  ASSERT_TRUE(sent(loop, stranger, "believe me"));
  EXPECT_EQ(outcome(loop, client, soon), ErrorCode::timed_out);
}

TEST(Datagram, AnAbsentPeerIsAHintAndTheSocketGoesOn) {
  EventLoop loop;
  std::optional<DatagramSocket> server = bound(loop);
  const Endpoint endpoint = server->endpoint();
  server.reset();
  auto client = connected(loop, endpoint);
  ASSERT_TRUE(sent(loop, client, "anybody?"));
  EXPECT_EQ(outcome(loop, client, never), ErrorCode::connection_lost);
  server = bound(loop, endpoint);
  ASSERT_TRUE(sent(loop, client, "again"));
  EXPECT_EQ(loop.run(receive(*server)).text, "again");
}

TEST(Datagram, RefusesWhatNoDatagramCanHold) {
  EventLoop loop;
  auto server = bound(loop);
  auto client = connected(loop, server.endpoint());
  const std::string longest(DatagramSocket::bytes_max, 'x');
  EXPECT_EQ(loop.run(client.send(as_bytes(longest + "x"))).error().code(), ErrorCode::invalid);
  EXPECT_TRUE(sent(loop, client, longest));
  EXPECT_EQ(loop.run(receive(server, 70'000)).text, longest);
}

Task<> answer_one(DatagramSocket& socket, std::string text) {
  const Received question = co_await receive(socket);
  co_await socket.answer(question.datagram.route, as_bytes(text));
}

TEST(Datagram, AnswersFromTheAddressThatWasAsked) {
  const std::pair<const char*, const char*> cases[] = {
      {"0.0.0.0", "127.0.0.2"}, {"0.0.0.0", "127.0.0.1"}, {"::", "::1"}, {"::1", "::1"}};
  for (const auto& [listens, asked] : cases) {
    EventLoop loop;
    auto server = bound(loop, Endpoint{listens, 0, ""});
    auto client = connected(loop, Endpoint{asked, server.endpoint().port, ""});
    ASSERT_TRUE(sent(loop, client, "?"));
    loop.run(answer_one(server, "!"));
    EXPECT_EQ(loop.run(receive(client)).text, "!") << asked;
  }
}

TEST(Datagram, AnImpossibleAnswerIsAnOutcome) {
  EventLoop loop;
  auto server = bound(loop);
  Route nowhere;
  nowhere.peer = addresses_of(Endpoint{"127.0.0.1", 0, ""}, true)->front();  // no one has port 0
  EXPECT_EQ(loop.run(server.answer(nowhere, as_bytes("x"))).error().code(), ErrorCode::connection_lost);
}

TEST(Datagram, TravelsOverAUnixPathToo) {
  const testing::TemporaryDirectory temporary;
  const Endpoint path{"", 0, temporary.path() + "/socket"};
  EventLoop loop;
  {
    auto server = bound(loop, path);
    struct stat status {};
    ASSERT_EQ(::stat(path.path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(DatagramSocket::bind(loop, path).error().code(), ErrorCode::exists);
    auto client = connected(loop, path);
    ASSERT_TRUE(sent(loop, client, "hello"));
    loop.run(answer_one(server, "hi"));
    EXPECT_EQ(loop.run(receive(client)).text, "hi");
    // One who asks and never reads must not hold the server up.
    ASSERT_TRUE(sent(loop, client, "?"));
    const Route deaf = loop.run(receive(server)).datagram.route;
    bool lost = false;
    for (int i = 0; i < 10'000 && !lost; ++i) lost = !loop.run(server.answer(deaf, as_bytes("x")));
    EXPECT_TRUE(lost);
  }
  EXPECT_NE(::access(path.path.c_str(), F_OK), 0);
  EXPECT_EQ(DatagramSocket::connect(loop, path).error().code(), ErrorCode::connection_lost);
}

Task<> wait_for_ever(DatagramSocket& socket, std::optional<ErrorCode>& seen) {
  std::array<std::byte, 10> room;
  try {
    co_await socket.receive(room);
  } catch (const StreamError& error) {
    seen = error.error().code();
  }
}

Task<> call(std::function<void()> work) {
  work();
  co_return;
}

TEST(Datagram, AbortAndDestructionWakeWhoWaits) {
  EventLoop loop;
  std::optional<ErrorCode> seen;
  std::optional<DatagramSocket> socket = bound(loop);
  loop.start(wait_for_ever(*socket, seen));
  loop.run(call([&] {
    socket->abort(ErrorCode::busy);
    socket->abort(ErrorCode::interrupted);
  }));
  loop.run();
  EXPECT_EQ(seen, ErrorCode::busy);

  seen.reset();
  socket = bound(loop);
  loop.start(wait_for_ever(*socket, seen));
  loop.run(call([&] { socket.reset(); }));
  loop.run();
  EXPECT_EQ(seen, ErrorCode::interrupted);
}

Task<> count_all(DatagramSocket& socket, int wanted, int& got) {
  std::array<std::byte, 100> room;
  for (; got < wanted; ++got) co_await socket.receive(room);
}

// A time-out of a reader must not be taken for the end by a writer, nor the other way round.
TEST(Datagram, TimeOutsLeaveTheOtherDirectionAlone) {
  EventLoop loop;
  auto server = bound(loop);
  auto client = connected(loop, server.endpoint());
  int got = 0;
  loop.start(count_all(server, 20, got));
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(sent(loop, client, "x"));
    EXPECT_EQ(outcome(loop, client, milliseconds(1)), ErrorCode::timed_out);
  }
  EXPECT_EQ(got, 20);
}

TEST(Datagram, ATakenPortIsNamed) {
  EventLoop loop;
  auto server = bound(loop);
  const auto second = DatagramSocket::bind(loop, server.endpoint());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::exists);
  EXPECT_NE(second.error().detail().find(server.endpoint().text()), std::string::npos);
}

}  // namespace
}  // namespace sampan::net
