#include "base/encoding.h"
#include "login/gsasl_session.h"
#include "login/scram.h"

namespace sampan::login {
namespace {

constexpr int key_step = 2;    // the answer to the server's salt: the password is used
constexpr int proof_step = 3;  // the server's proof is looked at

}  // namespace

struct ScramClient::State {
  State(std::string channel_binding, std::string user, SaltedPasswordOf source)
      : binding(std::move(channel_binding)),
        name(std::move(user)),
        salted_password(std::move(source)),
        session(GsaslSession::Side::client, scram_mechanism.data(),
                [this](Gsasl_property property) { return answer(property); }) {}

  std::optional<Secret> answer(Gsasl_property property) {
    switch (property) {
      case GSASL_CB_TLS_EXPORTER:
        return Secret(encode_base64(as_bytes(binding)));
      case GSASL_AUTHID:
        return Secret(name);
      case GSASL_SCRAM_SALTED_PASSWORD:
        return key();
      default:
        return std::nullopt;
    }
  }

  std::optional<Secret> key() {
    const auto salt = decode_base64(session.known(GSASL_SCRAM_SALT));
    if (!salt) return std::nullopt;
    const auto salted = salted_password(*salt, kdf);
    if (salted) return Secret(encode_hex(as_bytes(salted->reveal())));
    failure = salted.error();
    return std::nullopt;
  }

  // What can be said before the next message is read.
  Result<> ready() const {
    if (binding.empty()) return fail(ErrorCode::wrong_peer, "a channel without TLS cannot be bound");
    // The library takes a C string: what is behind a NUL would be lost, and the name another one.
    if (name.find('\0') != name.npos) return fail(ErrorCode::login_failed);
    return steps == key_step ? check(kdf) : Result<>();
  }

  // Why a step has failed that was ready. The messages before the proof are only well formed or not.
  Error cause() const {
    if (steps == proof_step) return {ErrorCode::wrong_peer, "it does not know this account's password"};
    return ErrorCode::login_failed;
  }

  std::string binding;
  std::string name;
  SaltedPasswordOf salted_password;
  KdfParameters kdf;
  int steps = 0;
  std::optional<Error> failure;  // why the login has ended
  GsaslSession session;
};

ScramClient::ScramClient(std::string channel_binding, std::string name, SaltedPasswordOf salted_password)
    : state_(
          std::make_unique<State>(std::move(channel_binding), std::move(name), std::move(salted_password))) {}
ScramClient::~ScramClient() = default;

void ScramClient::set_kdf(const KdfParameters& kdf) {
  state_->kdf = kdf;
}

Result<std::string> ScramClient::step(std::string_view message) {
  State& state = *state_;
  ++state.steps;
  if (!state.failure)
    if (auto ready = state.ready(); !ready) state.failure = ready.error();
  if (!state.failure) {
    auto answer = state.session.step(message);
    if (answer) return std::move(*answer);
    if (!state.failure) state.failure = state.cause();
  }
  state.session.end();
  return fail(*state.failure);
}

bool ScramClient::done() const {
  return state_->session.done();
}

}  // namespace sampan::login
