#include "net/tls.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing/temporary_directory.h"
#include "net/deadline.h"
#include "net/event_loop.h"
#include "net/tcp.h"

namespace sampan::net {
namespace {

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    const auto made = TlsServerContext::make_pair(certificate_, key_, "localhost");
    EXPECT_TRUE(made) << made.error().message();
  }
  TlsServerContext context() const { return *TlsServerContext::load(certificate_, key_, "sampan/1"); }

  testing::TemporaryDirectory temporary_;
  std::string certificate_ = temporary_.path() + "/certificate.pem";
  std::string key_ = temporary_.path() + "/key.pem";
  EventLoop loop_;
};

Task<> echo(std::unique_ptr<ByteStream> stream, TlsServerContext context, std::string& binding) {
  co_await accept_tls(stream, std::move(context));
  binding = stream->channel_binding();
  std::vector<std::byte> room(70'000);
  for (;;) {
    const std::size_t got = co_await stream->read_some(room);
    if (got == 0) break;
    co_await stream->write(ByteView(room).first(got));
  }
  co_await stream->finish();
}

struct Seen {
  std::string text;
  std::string binding;
  std::string key;
};

Task<> talk(std::unique_ptr<ByteStream> raw, std::string alpn, const std::string& text, Seen& seen) {
  const auto stream = co_await connect_tls(std::move(raw), std::move(alpn), "localhost");
  seen.binding = stream->channel_binding();
  seen.key = stream->peer_key();
  std::vector<std::byte> room(50'000);
  for (std::size_t sent = 0; sent < text.size();) {
    const std::string_view piece = std::string_view(text).substr(sent, 100'000);
    co_await stream->write(as_bytes(piece));
    for (sent += piece.size(); seen.text.size() < sent;) {
      const std::size_t got = co_await stream->read_some(room);
      if (got == 0) co_return;
      seen.text += as_text(ByteView(room).first(got));
    }
  }
  co_await stream->finish();
}

TEST_F(TlsTest, CarriesTenMebibytesBothWaysAndBindsTheChannel) {
  std::string text(10U << 20, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 + i / 1021);
  auto [a, b] = stream_pair(loop_);
  std::string binding;
  Seen seen;
  loop_.start(echo(std::move(a), context(), binding));
  loop_.run(talk(std::move(b), "sampan/1", text, seen));
  EXPECT_EQ(seen.text, text);
  EXPECT_EQ(seen.binding.size(), 32U);
  EXPECT_EQ(seen.binding, binding);
  EXPECT_EQ(seen.key, context().key_hash());

  auto [c, d] = stream_pair(loop_);
  Seen other;
  loop_.start(echo(std::move(c), context(), binding));
  loop_.run(talk(std::move(d), "sampan/1", "x", other));
  EXPECT_NE(other.binding, seen.binding);
}

TEST_F(TlsTest, RefusesAnotherApplicationProtocol) {
  auto [a, b] = stream_pair(loop_);
  std::string binding;
  Seen seen;
  loop_.start(echo(std::move(a), context(), binding));
  EXPECT_THROW(loop_.run(talk(std::move(b), "http/1.1", "x", seen)), StreamError);
}

Task<> garbage(std::unique_ptr<ByteStream> stream) {
  co_await stream->write(as_bytes("GET / HTTP/1.1\r\n\r\n"));
  co_await stream->flush();
  std::array<std::byte, 100> room;
  while (const std::size_t got = co_await stream->read_some(room)) (void)got;
}

TEST_F(TlsTest, RefusesWhatIsNotTls) {
  auto [a, b] = stream_pair(loop_);
  std::string binding;
  loop_.start(garbage(std::move(b)));
  EXPECT_THROW(loop_.run(echo(std::move(a), context(), binding)), StreamError);
}

// One byte of a hello at a time, for as long as anybody listens: a silence that is none.
Task<> dribble(std::unique_ptr<ByteStream> stream) {
  const std::string hello = "\x16\x03\x01\x3f\xff" + std::string(4096, '\x01');
  try {
    for (std::size_t i = 0; i < hello.size(); ++i) {
      co_await stream->write(as_bytes(std::string_view(hello).substr(i, 1)));
      co_await stream->flush();
      co_await sleep(std::chrono::milliseconds(1));
    }
  } catch (const StreamError&) {
  }
}

Task<> accept_until(EventLoop& loop, std::unique_ptr<ByteStream> stream, TlsServerContext context) {
  const Deadline deadline(loop, *stream, std::chrono::milliseconds(20), "login");
  co_await accept_tls(stream, std::move(context));
}

TEST_F(TlsTest, ADeadlineOnTheRawStreamEndsAHandshakeThatDribbles) {
  auto [a, b] = stream_pair(loop_);
  loop_.start(dribble(std::move(b)));
  try {
    loop_.run(accept_until(loop_, std::move(a), context()));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const StreamError& error) {
    EXPECT_EQ(error.error().code(), ErrorCode::timed_out) << error.what();
  }
}

Task<> abort_soon(std::unique_ptr<ByteStream>& stream) {
  co_await sleep(std::chrono::milliseconds(1));
  stream->abort(ErrorCode::interrupted);
}

TEST_F(TlsTest, AHandshakeCanBeAborted) {
  auto [a, b] = stream_pair(loop_);
  loop_.start(abort_soon(a));
  try {
    loop_.run(accept_tls(a, context()));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const StreamError& error) {
    EXPECT_EQ(error.error().code(), ErrorCode::interrupted) << error.what();
  }
}

Task<> cut_short(std::unique_ptr<ByteStream> raw) {
  ByteStream* wire = raw.get();
  const auto stream = co_await connect_tls(std::move(raw), "sampan/1", "localhost");
  co_await stream->write(as_bytes("half"));
  co_await stream->flush();
  co_await wire->finish();  // a bare FIN, no close_notify
}

TEST_F(TlsTest, ABareFinIsACutNotAnEnd) {
  auto [a, b] = stream_pair(loop_);
  std::string binding;
  loop_.start(cut_short(std::move(b)));
  EXPECT_THROW(loop_.run(echo(std::move(a), context(), binding)), StreamError);
}

TEST_F(TlsTest, KeepsTheKeyToItselfAndRefusesAWrongPair) {
  struct stat status {};
  ASSERT_EQ(::stat(key_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const std::string other = temporary_.path() + "/other.pem";
  ASSERT_TRUE(TlsServerContext::make_pair(temporary_.path() + "/other-certificate.pem", other, "localhost"));
  EXPECT_EQ(TlsServerContext::load(certificate_, other, "sampan/1").error().code(), ErrorCode::invalid);
  EXPECT_EQ(TlsServerContext::load(certificate_, temporary_.path() + "/none", "x").error().code(),
            ErrorCode::not_found);
}

}  // namespace
}  // namespace sampan::net
