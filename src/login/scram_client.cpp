#include "base/encoding.h"
#include "login/gsasl_session.h"
#include "login/scram.h"

namespace sampan::login {

struct ScramClient::State {
  State(std::string channel_binding, std::string user, SaltedPasswordOf source)
      : binding(std::move(channel_binding)),
        name(std::move(user)),
        salted_password(std::move(source)),
        session(GsaslSession::Side::client, scram_mechanism.data(),
                [this](Gsasl_property property) { return answer(property); }) {}

  std::optional<std::string> answer(Gsasl_property property) {
    switch (property) {
      case GSASL_CB_TLS_EXPORTER:
        return encode_base64(as_bytes(binding));
      case GSASL_AUTHID:
        return name;
      case GSASL_SCRAM_SALTED_PASSWORD: {
        const auto salt = decode_base64(session.known(GSASL_SCRAM_SALT));
        if (!salt) return std::nullopt;
        const auto salted = salted_password(*salt, kdf);
        if (!salted) {
          failure = salted.error();
          return std::nullopt;
        }
        return encode_hex(as_bytes(salted->reveal()));
      }
      default:
        return std::nullopt;
    }
  }

  std::string binding;
  std::string name;
  SaltedPasswordOf salted_password;
  KdfParameters kdf;
  std::optional<Error> failure;
  int steps = 0;
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
  if (state.binding.empty()) return fail(ErrorCode::wrong_peer, "a channel without TLS cannot be bound");
  ++state.steps;
  if (state.steps == 2)
    if (auto sound = check(state.kdf); !sound) return fail(sound.error());
  auto answer = state.session.step(message);
  if (answer) return std::move(*answer);
  if (state.failure) return fail(*state.failure);
  // The third message is the server's proof; the ones before it are only well formed or not.
  if (state.steps >= 3) return fail(ErrorCode::wrong_peer, "it does not know this account's password");
  return fail(ErrorCode::login_failed);
}

bool ScramClient::done() const {
  return state_->session.done();
}

}  // namespace sampan::login
