#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "login/scram.h"
#include "net/buffered_reader.h"
#include "net/byte_stream.h"
#include "net/event_loop.h"
#include "wire/native/codec.h"

namespace sampan::frontends::testing {

/// What came for one request.
struct Answer {
  wire::native::ReplyHeader header;
  std::string text;  ///< the header's
  std::string body;

  bool ok() const { return !header.error; }
  /// Of a refusal.
  std::optional<ErrorCode> code() const {
    return header.error ? std::optional(header.error->code()) : std::nullopt;
  }
  template <class T>
  T as() const {
    return wire::native::decode_reply<T>(text).value();
  }
};

/// The client's side of the native protocol, one step at a time, and as rude as a test wants.
class NativePeer {
 public:
  /// Shakes hands and takes the greeting. Throws StreamError, like all here.
  NativePeer(net::EventLoop& loop, std::unique_ptr<net::ByteStream> raw);

  const wire::native::Greeting& greeting() const { return greeting_; }
  /// SHA-256 of the server's TLS key.
  std::string server_key() const { return stream_->peer_key(); }

  /// The answer to the last message of a login.
  Answer log_in(const std::string& name, login::ScramClient::SaltedPasswordOf salted_password);

  /// Sends, without waiting.
  void send(const wire::native::Operation& operation, std::string_view body = {});
  void send_bytes(std::string_view bytes);
  Answer receive();
  Answer ask(const wire::native::Operation& operation, std::string_view body = {}) {
    send(operation, body);
    return receive();
  }
  /// How the server ended the session: nothing where it did in order, else why reading failed.
  std::optional<ErrorCode> end();
  /// Goes without a word.
  void vanish();

 private:
  net::Task<std::string> read_header();
  net::Task<Answer> read_answer();
  net::Task<> write(std::string bytes);
  net::Task<> read_to_the_end();

  net::EventLoop& loop_;
  std::unique_ptr<net::ByteStream> stream_;
  std::unique_ptr<net::BufferedReader> reader_;
  wire::native::Greeting greeting_;
  std::uint64_t next_id_ = 1;
};

}  // namespace sampan::frontends::testing
