#include "frontends/native/native_session.h"

#include "base/log.h"
#include "frontends/native/native_replies.h"
#include "wire/native/frame.h"

namespace sampan::frontends {

namespace native = wire::native;

namespace {

// What a request needs before it is looked at: one row for each operation, checked in one place.
struct Needs {
  bool login = true;
};
template <class Message>
constexpr Needs needs_of = {};
template <>
constexpr Needs needs_of<native::Auth> = {.login = false};
template <>
constexpr Needs needs_of<native::Quit> = {.login = false};

constexpr std::chrono::milliseconds farewell{1'000};
constexpr std::uint64_t farewell_bytes = 4 * 1024 * 1024;

}  // namespace

NativeSession::NativeSession(NativeFrontend& frontend, net::EventLoop& loop,
                             std::unique_ptr<net::ByteStream> raw)
    : frontend_(frontend), loop_(loop), stream_(std::move(raw)), description_(stream_->peer_address()) {}

NativeSession::~NativeSession() {
  if (account_) frontend_.leave_user(account_->name);
}

net::Task<> NativeSession::start_tls(net::TlsServerContext context) {
  const auto limits = frontend_.limits();
  // On the raw stream, which TLS then owns: a handshake of one byte a second is no login either.
  login_deadline_.emplace(loop_, *stream_, limits.login_deadline, "login");
  co_await net::accept_tls(stream_, std::move(context));
  reader_.emplace(*stream_);
}

net::Task<> NativeSession::run() {
  co_await greet();
  while (!ending_) {
    const bool more = co_await serve_next();
    if (!more) break;
  }
  co_await stream_->finish();
}

net::Task<> NativeSession::greet() {
  return send(native::encode_greeting(greeting()));
}

void NativeSession::drain() {
  ending_ = true;
  if (!account_ || is_idle()) abort();
}

void NativeSession::abort() {
  ending_ = true;
  stream_->abort(Error(ErrorCode::interrupted, "the server is shutting down"));
}

// One request; false at the peer's orderly end.
net::Task<bool> NativeSession::serve_next() {
  std::optional<Request> request = co_await read_request();
  if (!request) co_return false;
  co_await dispatch(*request);
  // While the server drains, a session goes on until its transfers are through.
  if (frontend_.draining()) ending_ = uploads_.empty() && downloads_.empty();
  co_return true;
}

net::Task<std::optional<NativeSession::Request>> NativeSession::read_request() {
  const bool transferring = !uploads_.empty() || !downloads_.empty();
  const auto limits = frontend_.limits();
  stream_->set_timeout(transferring ? limits.transfer_silence
                       : account_   ? limits.idle
                                    : limits.login_deadline);
  if (!transferring) std::vector<std::byte>().swap(body_);  // an idle session holds no buffer
  for (;;) {
    waiting_ = true;
    const ByteView prefix = co_await reader_->peek(native::frame_prefix);
    waiting_ = false;
    if (prefix.empty()) co_return std::nullopt;
    if (prefix.size() < native::frame_prefix) throw net::StreamError(ErrorCode::connection_lost);
    stream_->set_timeout(limits.transfer_silence);  // a frame that has begun must go on
    const auto length = native::decode_header_length(prefix);
    if (!length) throw net::StreamError(length.error());
    const std::size_t whole = native::frame_prefix + *length;
    const ByteView frame = co_await reader_->peek(whole);
    if (frame.size() < whole) throw net::StreamError(ErrorCode::connection_lost);
    auto request = native::decode_request(as_text(frame.subspan(native::frame_prefix)));
    reader_->consume(whole);
    if (request) co_return std::move(*request);
    const native::BadRequest bad = request.error();
    std::string answer = native::encode_error(bad.id, bad.error);
    co_await send(std::move(answer));
    if (bad.fatal) {
      co_await end_conversation();
      throw net::StreamError(bad.error);
    }
    co_await reader_->skip(bad.body);
  }
}

// The last word must arrive: closing with unread input would reset the connection and take the answer with
// it.
net::Task<> NativeSession::end_conversation() {
  co_await stream_->finish();
  stream_->set_timeout(farewell);
  try {
    co_await reader_->skip(farewell_bytes);
  } catch (const net::StreamError&) {
    // The peer has closed, or goes on for too long: either way it was said.
  }
}

net::Task<> NativeSession::dispatch(Request& request) {
  const bool login_first =
      !account_ && std::visit([]<class M>(const M&) { return needs_of<M>.login; }, request.operation);
  if (login_first) {
    co_await skip_body(request);
    co_await refuse(request, ErrorCode::login_required);
    co_return;
  }
  if (account_) {
    const Result<> stands = co_await recheck_account();
    if (!stands) {
      ending_ = true;
      co_await skip_body(request);
      co_await refuse(request, stands.error());
      co_return;
    }
  }
  const auto handler = [&](auto& message) { return handle(request, message); };
  co_await std::visit(handler, request.operation);
}

net::Task<Result<>> NativeSession::recheck_account() {
  const std::int64_t revision = frontend_.services().accounts.revision();
  if (revision == accounts_revision_) co_return Result<>();
  const auto look = [&] { return look_up(*home_, account_->name); };
  const Result<accounts::Account> now = co_await on_pool(look);
  if (!now) co_return fail(ErrorCode::denied, "the account no longer exists");
  if (!now->enabled) co_return fail(ErrorCode::denied, "the account is disabled");
  if (now->credential_version != account_->credential_version)
    co_return fail(ErrorCode::login_required, "the password was changed: log in again");
  account_ = *now;
  accounts_revision_ = revision;
  co_return Result<>();
}

Result<accounts::Account> NativeSession::look_up(storage::Home& home, const std::string& user) const {
  Result<accounts::Account> account = fail(ErrorCode::not_found);
  home.refresh_limits([&]() -> std::optional<storage::QuotaLimits> {
    account = frontend_.services().accounts.find(user);
    if (!account) return std::nullopt;
    return storage::QuotaLimits{account->quota, account->entry_limit()};
  });
  return account;
}

net::Task<Result<ByteView>> NativeSession::read_body(const Request& request, std::size_t limit) {
  if (request.body > limit) {
    co_await reader_->skip(request.body);
    co_return fail(ErrorCode::invalid, "a body of at most " + std::to_string(limit) + " bytes is taken here");
  }
  body_.resize(request.body);
  co_await reader_->read_exactly(body_);
  co_return ByteView(body_);
}

net::Task<> NativeSession::tell_working(const Request& request) {
  std::string frame = native::encode_working(request.id);
  co_await send(std::move(frame));
  co_await stream_->flush();
}

net::Task<> NativeSession::refuse(const Request& request, Error error) {
  std::string frame = native::encode_error(request.id, error);
  co_await send(std::move(frame));
}

}  // namespace sampan::frontends
