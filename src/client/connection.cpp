#include "client/connection.h"

#include <algorithm>

#include "net/tcp.h"
#include "net/tls.h"
#include "wire/native/frame.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

constexpr std::chrono::milliseconds connect_timeout{15'000};
constexpr const char* alpn = "sampan/1";

Result<> check_key(const std::string& fingerprint, const std::string& host, const KnownHosts& known, const FirstContact& first_contact) {
  const auto pinned = known.find(host);
  if (!pinned) return fail(pinned.error());
  if (*pinned == fingerprint) return {};
  if (*pinned)
    return fail(ErrorCode::wrong_peer, host + " shows the key " + fingerprint + ", known is " + **pinned +
                                           ". Somebody may be in between. If its operator changed the key, remove its line from " +
                                           known.file());
  if (auto trusted = first_contact(fingerprint); !trusted) return trusted;
  return known.remember(host, fingerprint);
}

}  // namespace

Connection::Connection(ServerAddress address, std::unique_ptr<net::ByteStream> stream)
    : address_(std::move(address)), stream_(std::move(stream)), reader_(*stream_) {}

net::Task<std::unique_ptr<Connection>> Connection::open(ServerAddress address, const KnownHosts& known, FirstContact first_contact,
                                                        login::ScramClient::SaltedPasswordOf salted_password) {
  const net::Endpoint endpoint = address.endpoint;
  std::unique_ptr<net::ByteStream> raw = co_await net::connect(endpoint, connect_timeout);
  raw->set_timeout(silence);
  const std::string protocol = alpn;
  std::unique_ptr<net::ByteStream> stream = co_await net::connect_tls(std::move(raw), protocol, endpoint.host);
  const auto known_key = check_key(net::format_key_hash(stream->peer_key()), address.host(), known, first_contact);
  if (!known_key) broken(known_key.error());
  std::unique_ptr<Connection> connection(new Connection(std::move(address), std::move(stream)));
  const std::string header = co_await connection->read_header();
  const auto greeting = native::decode_greeting(header);
  if (!greeting) broken(greeting.error());
  connection->limits_ = greeting->limits;
  co_await connection->log_in(std::move(salted_password));
  co_return connection;
}

net::Task<> Connection::log_in(login::ScramClient::SaltedPasswordOf salted_password) {
  login::ScramClient scram(stream_->channel_binding(), address_.user, std::move(salted_password));
  std::string from_server;
  bool first = true;
  for (;;) {
    auto message = scram.step(from_server);
    if (!message) broken(message.error());
    if (scram.done()) co_return;
    native::Auth auth;
    if (first) auth.mechanism = std::string(login::scram_mechanism);
    auth.sasl = std::move(*message);
    const native::Operation operation = std::move(auth);
    auto reply = co_await call<native::AuthStep>(operation);
    if (!reply) broken(reply.error());
    if (first && reply->kdf) {
      const auto cost = [](std::uint64_t value) { return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX)); };
      scram.set_kdf({cost(reply->kdf->memory_kib), cost(reply->kdf->passes), cost(reply->kdf->lanes)});
    }
    first = false;
    from_server = std::move(reply->sasl);
  }
}

net::Task<> Connection::send(const native::Operation& operation, ByteView body) {
  native::Request request;
  request.id = next_id_++;
  request.body = body.size();
  request.operation = operation;
  const std::string frame = native::encode_request(request);
  co_await stream_->write(as_bytes(frame));
  if (!body.empty()) co_await stream_->write(body);
}

net::Task<std::string> Connection::read_header() {
  const ByteView prefix = co_await reader_.peek(native::frame_prefix);
  if (prefix.size() < native::frame_prefix) broken(ErrorCode::connection_lost);
  const auto length = native::decode_header_length(prefix);
  if (!length) broken(length.error());
  const std::size_t whole = native::frame_prefix + *length;
  const ByteView frame = co_await reader_.peek(whole);
  if (frame.size() < whole) broken(ErrorCode::connection_lost);
  std::string header(as_text(frame.subspan(native::frame_prefix)));
  reader_.consume(whole);
  co_return header;
}

net::Task<Connection::Reply> Connection::read_reply() {
  Reply reply;
  reply.header = co_await read_header();
  const auto header = native::decode_reply_header(reply.header);
  if (!header) broken(header.error());
  // A server that ends the conversation says why under no id at all.
  if (header->id == 0 && header->error) broken(*header->error);
  if (header->id != next_reply_) broken(Error(ErrorCode::bad_request, "an answer to another request"));
  ++next_reply_;
  reply.body = header->body;
  reply.error = header->error;
  co_return reply;
}

net::Task<> Connection::close() {
  const native::Operation quit = native::Quit{};
  const auto answer = co_await call<native::Done>(quit);
  (void)answer;
  co_await stream_->finish();
}

}  // namespace sampan::client
