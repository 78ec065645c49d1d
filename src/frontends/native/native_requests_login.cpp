#include "base/log.h"
#include "frontends/native/native_session.h"

namespace sampan::frontends {

namespace native = wire::native;

net::Task<> NativeSession::handle(const Request& request, native::Auth& message) {
  co_await skip_body(request);
  if (account_) {
    co_await refuse(request, Error(ErrorCode::denied, "already logged in: one login, one session"));
    co_return;
  }
  if (message.mechanism) {
    if (*message.mechanism != login::scram_mechanism) {
      co_await refuse(request, Error(ErrorCode::unsupported, "only SCRAM-SHA-256-PLUS"));
      co_return;
    }
    const auto lookup = [this](std::string_view name) { return credential_of(name); };
    scram_ = std::make_unique<login::ScramServer>(stream_->channel_binding(), lookup);
  }
  if (!scram_) {
    co_await refuse(request, Error(ErrorCode::invalid, "the first auth names its mechanism"));
    co_return;
  }
  const bool has_proof = !message.mechanism;
  const auto step = [&] { return scram_->step(message.sasl); };
  const auto judged = [&] {  // may ask the database
    return has_proof ? frontend_.services().logins.judge(caller(scram_->name()), step) : step();
  };
  Result<std::string> answer = co_await on_pool(judged);
  if (!answer) {
    log::warning("{}: no login for \"{}\": {}", description_, scram_->name(), answer.error().message());
    scram_.reset();
    co_await refuse(request, answer.error());
    co_return;
  }
  if (scram_->done()) {
    co_await finish_login(request, std::move(*answer));
    co_return;
  }
  native::AuthStep reply_message;
  reply_message.sasl = std::move(*answer);
  const login::KdfParameters& kdf = scram_->kdf();
  reply_message.kdf = native::Kdf{"argon2id", kdf.memory_kib, kdf.passes, kdf.lanes};
  co_await reply(request, reply_message);
}

// On the pool, in the first step. Whoever has to wait costs no look at the database.
Result<login::Credential> NativeSession::credential_of(std::string_view name) {
  auto& services = frontend_.services();
  if (auto admitted = services.logins.admit(caller(name)); !admitted) return fail(admitted.error());
  // Made for everybody, so that a known user takes no other time than an unknown one.
  auto decoy = login::decoy_credential(name, services.accounts.server_secret());
  auto known = services.accounts.credential(name);
  if (!known) return fail(known.error());
  return *known ? std::move(**known) : std::move(decoy);
}

// The proof was right; what is left is to enter the house.
net::Task<> NativeSession::finish_login(const Request& request, std::string proof) {
  auto& services = frontend_.services();
  const std::string name = scram_->name();
  scram_.reset();
  const std::int64_t revision = services.accounts.revision();
  const auto find = [&] { return services.accounts.find(name); };
  Result<accounts::Account> account = co_await on_pool(find);
  if (!account || !account->enabled) {
    co_await refuse(request, ErrorCode::login_failed);
    co_return;
  }
  const auto open = [&] {
    auto opened = services.homes.open(name);
    if (opened) account = look_up(**opened, name);
    return opened;
  };
  Result<std::shared_ptr<storage::Home>> home = co_await on_pool(request, open);
  if (!home) {
    log::error("{}: the home of \"{}\" cannot be opened: {}", description_, name, home.error().message());
    co_await refuse(request, home.error());
    co_return;
  }
  if (!account || !account->enabled) {  // since a moment ago
    co_await refuse(request, ErrorCode::login_failed);
    co_return;
  }
  if (const auto entered = frontend_.enter_user(name); !entered) {
    co_await refuse(request, entered.error());
    co_return;
  }
  account_ = std::move(*account);
  accounts_revision_ = revision;
  home_ = std::move(*home);
  login_deadline_.reset();
  log::info("{}: \"{}\" logged in", description_, name);
  description_ += " \"" + name + "\"";
  native::AuthStep reply_message;
  reply_message.sasl = std::move(proof);
  reply_message.done = true;
  reply_message.user = name;
  co_await reply(request, reply_message);
}

net::Task<> NativeSession::handle(const Request& request, native::Ping&) {
  co_await skip_body(request);
  const native::Done done;
  co_await reply(request, done);
}

net::Task<> NativeSession::handle(const Request& request, native::Quit&) {
  co_await skip_body(request);
  ending_ = true;
  uploads_.clear();
  downloads_.clear();
  const native::Done done;
  co_await reply(request, done);
}

}  // namespace sampan::frontends
