#include "client/connection.h"

#include <algorithm>

#include "net/tcp.h"
#include "net/tls.h"
#include "wire/native/frame.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

constexpr std::chrono::milliseconds connect_timeout{15'000};
constexpr std::chrono::seconds ping_after{5};  // a fifth of the silence that a server bears
constexpr const char* alpn = "sampan/1";

// What a server names becomes our memory, so there is an end to it; and a size that is none is refused.
constexpr std::uint64_t chunk_least = 1024;
constexpr std::uint64_t chunk_most = 4 * 1024 * 1024;
constexpr std::uint64_t put_most = 16 * 1024 * 1024;

Result<> check_key(const std::string& fingerprint, const std::string& host, const KnownHosts& known,
                   const FirstContact& first_contact) {
  const auto pinned = known.find(host);
  if (!pinned) return fail(pinned.error());
  if (*pinned == fingerprint) return {};
  if (*pinned)
    return fail(ErrorCode::wrong_peer,
                host + " shows the key " + fingerprint + ", known is " + **pinned +
                    ". Somebody may be in between. If its operator changed the key, remove its line from " +
                    known.file());
  if (auto trusted = first_contact(fingerprint); !trusted) return trusted;
  return known.remember(host, fingerprint);
}

bool names(const std::vector<std::string>& list, std::string_view wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

Result<native::Limits> agree(const native::Greeting& greeting) {
  if (!names(greeting.digests, "blake3"))
    return fail(ErrorCode::unsupported, "the server has no digest that this client knows");
  if (!names(greeting.mechanisms, login::scram_mechanism))
    return fail(ErrorCode::unsupported, "the server has no login that this client knows");
  if (greeting.limits.chunk_size < chunk_least)
    return fail(ErrorCode::bad_request, "the server takes chunks of less than 1 KiB");
  native::Limits limits = greeting.limits;
  limits.chunk_size = std::min(limits.chunk_size, chunk_most);
  limits.put_size = std::min(limits.put_size, put_most);
  return limits;
}

Result<login::KdfParameters> kdf_of(const native::Kdf& kdf) {
  if (kdf.name != "argon2id")
    return fail(ErrorCode::unsupported, "the server wants the password hashed by \"" + kdf.name + "\"");
  // What does not fit is beyond every limit of login::check too.
  const auto cost = [](std::uint64_t value) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
  };
  return login::KdfParameters{cost(kdf.memory_kib), cost(kdf.passes), cost(kdf.lanes)};
}

// Words for what happened to the connection are ours alone; a server that ends it may still use one.
Error from_server(const Error& error) {
  switch (error.code()) {
    case ErrorCode::interrupted:
    case ErrorCode::timed_out:
    case ErrorCode::connection_lost:
    case ErrorCode::wrong_peer:
      return {ErrorCode::connection_lost, "the server says: " + error.message()};
    default:
      return error;
  }
}

}  // namespace

Connection::Connection(std::shared_ptr<const Origin> origin, std::unique_ptr<net::ByteStream> stream)
    : origin_(std::move(origin)), stream_(std::move(stream)), reader_(*stream_) {}

net::Task<std::unique_ptr<Connection>> Connection::open(
    ServerAddress address, const KnownHosts& known, FirstContact first_contact,
    login::ScramClient::SaltedPasswordOf salted_password) {
  const Dial dial = [endpoint = address.endpoint] { return net::connect(endpoint, connect_timeout); };
  co_return co_await through(dial, std::move(address), known, std::move(first_contact),
                             std::move(salted_password));
}

net::Task<std::unique_ptr<Connection>> Connection::through(
    Dial dial, ServerAddress address, const KnownHosts& known, FirstContact first_contact,
    login::ScramClient::SaltedPasswordOf salted_password) {
  const auto origin = std::make_shared<Origin>();
  origin->dial = std::move(dial);
  origin->address = std::move(address);
  const TrustKey trust = [&](const std::string& fingerprint) {
    origin->fingerprint = fingerprint;
    return check_key(fingerprint, origin->address.host(), known, first_contact);
  };
  const login::ScramClient::SaltedPasswordOf remembered = [&](std::string_view salt,
                                                              const login::KdfParameters& kdf) {
    auto salted = salted_password(salt, kdf);
    origin->salt = salt;
    origin->kdf = kdf;
    if (salted) origin->salted_password = salted->copy();
    return salted;
  };
  co_return co_await establish(origin, trust, remembered);
}

net::Task<std::unique_ptr<Connection>> Connection::open_from(std::shared_ptr<const Origin> origin) {
  const TrustKey trust = [&](const std::string& fingerprint) -> Result<> {
    if (fingerprint == origin->fingerprint) return {};
    return fail(ErrorCode::wrong_peer, "another key than on the connection before");
  };
  const login::ScramClient::SaltedPasswordOf remembered =
      [&](std::string_view salt, const login::KdfParameters& kdf) -> Result<Secret> {
    if (salt == origin->salt && kdf == origin->kdf) return origin->salted_password.copy();
    return fail(ErrorCode::login_failed, "another password than on the connection before");
  };
  std::unique_ptr<Connection> connection = co_await establish(origin, trust, remembered);
  connection->beside_ = true;
  co_return connection;
}

net::Task<std::unique_ptr<Connection>> Connection::establish(
    std::shared_ptr<const Origin> origin, TrustKey trust,
    login::ScramClient::SaltedPasswordOf salted_password) {
  std::unique_ptr<net::ByteStream> raw = co_await origin->dial();
  raw->set_timeout(silence);
  const std::string protocol = alpn;
  const std::string host = origin->address.endpoint.host;
  std::unique_ptr<net::ByteStream> stream = co_await net::connect_tls(std::move(raw), protocol, host);
  if (auto trusted = trust(net::format_key_hash(stream->peer_key())); !trusted) broken(trusted.error());
  std::unique_ptr<Connection> connection(new Connection(std::move(origin), std::move(stream)));
  const std::string header = co_await connection->read_header();
  const auto greeting = native::decode_greeting(header);
  if (!greeting) broken(greeting.error());
  const auto limits = agree(*greeting);
  if (!limits) broken(limits.error());
  connection->limits_ = *limits;
  co_await connection->log_in(std::move(salted_password));
  co_return connection;
}

net::Task<> Connection::log_in(login::ScramClient::SaltedPasswordOf salted_password) {
  login::ScramClient scram(stream_->channel_binding(), address().user, std::move(salted_password));
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
      const auto kdf = kdf_of(*reply->kdf);
      if (!kdf) broken(kdf.error());
      scram.set_kdf(*kdf);
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
  last_sent_ = std::chrono::steady_clock::now();
}

net::Task<> Connection::keep_alive() {
  if (std::chrono::steady_clock::now() - last_sent_ < ping_after) co_return;
  const native::Operation ping = native::Ping{};
  const auto answer = co_await call<native::Done>(ping);
  if (!answer) broken(answer.error());
}

bool Connection::has_reply() {
  reader_.read_ahead();
  for (;;) {
    const ByteView bytes = reader_.buffered();
    if (bytes.size() < native::frame_prefix) return false;
    const auto length = native::decode_header_length(bytes.first(native::frame_prefix));
    if (!length) return true;  // receive() says what is wrong with it
    if (bytes.size() - native::frame_prefix < *length) return false;
    const auto header = native::decode_reply_header(as_text(bytes.subspan(native::frame_prefix, *length)));
    const bool sign_of_life = header && header->id == next_reply_ && header->working && !header->error;
    if (!sign_of_life) return true;
    reader_.consume(native::frame_prefix + *length);
  }
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
  for (;;) {
    Reply reply;
    reply.header = co_await read_header();
    const auto header = native::decode_reply_header(reply.header);
    if (!header) broken(header.error());
    // A server that ends the conversation says why under no id at all.
    if (header->id == 0 && header->error) broken(from_server(*header->error));
    if (header->id != next_reply_) broken(Error(ErrorCode::bad_request, "an answer to another request"));
    if (header->working) continue;
    ++next_reply_;
    reply.body = header->body;
    if (header->error) reply.error = from_server(*header->error);
    co_return reply;
  }
}

net::Task<> Connection::close() {
  while (outstanding() != 0) (void)co_await receive<native::Done>();
  const native::Operation quit = native::Quit{};
  (void)co_await call<native::Done>(quit);
  co_await stream_->finish();
}

}  // namespace sampan::client
