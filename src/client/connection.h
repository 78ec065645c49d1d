#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "client/known_hosts.h"
#include "client/server_address.h"
#include "login/scram.h"
#include "net/buffered_reader.h"
#include "net/byte_stream.h"
#include "wire/native/codec.h"

namespace sampan::client {

/// Whether to trust a server's key at the first contact; an error refuses it (wrong_peer). Called with
/// "SHA256:..".
using FirstContact = std::function<Result<>(const std::string& fingerprint)>;

/// Makes a new stream to the server. Called more than once, also when who gave it has gone.
using Dial = std::function<net::Task<std::unique_ptr<net::ByteStream>>()>;

/// Silence that a client bears in the middle of anything. A server that is at something for longer says so in
/// between.
inline constexpr std::chrono::milliseconds silence{25'000};

/// A logged-in session with a server. Requests may be pipelined: send() any number (within what the server
/// can answer unread, a few dozen), then receive() their replies in the same order. A refusal by the server
/// is a value; a lost peer is thrown as StreamError. On one loop.
class Connection {
 public:
  /// Connects by TCP or to a UNIX socket; then as through(). Throws StreamError: connection_lost, timed_out,
  /// wrong_peer, login_failed, unsupported.
  static net::Task<std::unique_ptr<Connection>> open(ServerAddress address, const KnownHosts& known,
                                                     FirstContact first_contact,
                                                     login::ScramClient::SaltedPasswordOf salted_password);
  /// Over a stream that `dial` makes: TLS 1.3, the pinned key, the greeting, the login. A key that
  /// `first_contact` takes is remembered at once.
  static net::Task<std::unique_ptr<Connection>> through(Dial dial, ServerAddress address,
                                                        const KnownHosts& known, FirstContact first_contact,
                                                        login::ScramClient::SaltedPasswordOf salted_password);
  /// One more session with the server that showed this key, logged in as this one was; asks nobody anything.
  /// Uses nothing of this connection, which may go meanwhile. Throws as open().
  net::Task<std::unique_ptr<Connection>> open_another() const { return open_from(origin_); }

  const ServerAddress& address() const { return origin_->address; }
  /// The server's, within what this client takes.
  const wire::native::Limits& limits() const { return limits_; }

  /// Name the operation first (g++ 12).
  net::Task<> send(const wire::native::Operation& operation, ByteView body = {});

  /// What was sent goes out now, not when a reply is waited for.
  net::Task<> flush() { return stream_->flush(); }

  /// The next reply, without a body.
  template <class T>
  net::Task<Result<T>> receive();
  /// With a body of at most `limit` bytes.
  template <class T>
  net::Task<Result<T>> receive(std::vector<std::byte>& body, std::uint64_t limit);
  /// One request and its reply, when no other is outstanding.
  template <class T>
  net::Task<Result<T>> call(const wire::native::Operation& operation);

  /// Whether the next reply's header has arrived, without waiting for it; flush() the request first. For who
  /// has something to do meanwhile.
  bool has_reply();

  /// In the middle of long work of our own, as often as one likes: pings a server that has heard nothing for
  /// a while, so that it does not take us for lost. Nothing may be outstanding.
  net::Task<> keep_alive();

  /// Pieces of a large file that are on their way at once, 256 KiB each. They are all that a cut can waste,
  /// and all that the line carries in one round trip: two keep a near server busy, a far one gets 4 MiB.
  std::size_t pieces_in_flight() const { return is_far() ? 16 : 2; }
  /// Whether several connections at once would carry more than this one. Never of one that open_another()
  /// gave: it is one of several.
  bool is_held_back() const { return !beside_ && is_far() && stream_->loses_packets(); }

  std::size_t outstanding() const { return static_cast<std::size_t>(next_id_ - next_reply_); }
  void set_silence(std::chrono::milliseconds limit) { stream_->set_timeout(limit); }

  /// Says goodbye in order.
  net::Task<> close();
  /// Ends everything now; whoever waits gets `why` thrown. On the loop.
  void abort(Error why) noexcept { stream_->abort(std::move(why)); }

 private:
  struct Reply {
    std::string header;
    std::uint64_t body = 0;
    std::optional<Error> error;
  };

  /// What it takes to have such a session: all but `dial` and `address` are known after the first login.
  struct Origin {
    Dial dial;
    ServerAddress address;
    std::string fingerprint;
    std::string salt;
    login::KdfParameters kdf;
    Secret salted_password;
  };
  using TrustKey = std::function<Result<>(const std::string& fingerprint)>;

  Connection(std::shared_ptr<const Origin> origin, std::unique_ptr<net::ByteStream> stream);
  static net::Task<std::unique_ptr<Connection>> establish(
      std::shared_ptr<const Origin> origin, TrustKey trust,
      login::ScramClient::SaltedPasswordOf salted_password);
  static net::Task<std::unique_ptr<Connection>> open_from(std::shared_ptr<const Origin> origin);
  net::Task<> log_in(login::ScramClient::SaltedPasswordOf salted_password);
  net::Task<std::string> read_header();
  /// The next one; what is said while it is being made is no more than a sign of life.
  net::Task<Reply> read_reply();
  [[noreturn]] static void broken(const Error& error) { throw net::StreamError(error); }

  bool is_far() const { return stream_->round_trip() >= std::chrono::milliseconds(10); }

  std::shared_ptr<const Origin> origin_;
  std::unique_ptr<net::ByteStream> stream_;
  net::BufferedReader reader_;
  bool beside_ = false;  // another one
  wire::native::Limits limits_;
  std::uint64_t next_id_ = 1;
  std::uint64_t next_reply_ = 1;
  std::chrono::steady_clock::time_point last_sent_;
};

template <class T>
net::Task<Result<T>> Connection::receive() {
  const Reply reply = co_await read_reply();
  co_await reader_.skip(reply.body);
  if (reply.error) co_return fail(*reply.error);
  Result<T> value = wire::native::decode_reply<T>(reply.header);
  if (!value) broken(value.error());
  co_return value;
}

template <class T>
net::Task<Result<T>> Connection::receive(std::vector<std::byte>& body, std::uint64_t limit) {
  const Reply reply = co_await read_reply();
  if (reply.body > limit) broken(Error(ErrorCode::bad_request, "a body larger than was asked for"));
  body.resize(reply.body);
  co_await reader_.read_exactly(body);
  if (reply.error) co_return fail(*reply.error);
  Result<T> value = wire::native::decode_reply<T>(reply.header);
  if (!value) broken(value.error());
  co_return value;
}

template <class T>
net::Task<Result<T>> Connection::call(const wire::native::Operation& operation) {
  co_await send(operation);
  co_return co_await receive<T>();
}

}  // namespace sampan::client
