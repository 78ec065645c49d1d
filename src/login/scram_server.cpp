#include "base/encoding.h"
#include "login/gsasl_session.h"
#include "login/scram.h"

namespace sampan::login {
namespace {

constexpr std::size_t name_most = 4096;
// SCRAM wants an iteration count; the work is Argon2id's, whose parameters travel beside the message.
constexpr const char* iterations = "4096";

std::optional<Secret> in_base64(std::string_view bytes) {
  return Secret(encode_base64(as_bytes(bytes)));
}

}  // namespace

struct ScramServer::State {
  State(std::string channel_binding, Lookup ask)
      : binding(std::move(channel_binding)),
        lookup(std::move(ask)),
        session(GsaslSession::Side::server, scram_mechanism.data(),
                [this](Gsasl_property property) { return answer(property); }) {}

  // Once, with the first message's name. False for names that nobody has: they are not worth a look.
  bool look_up() {
    if (credential || refusal) return credential.has_value();
    std::string claimed = session.known(GSASL_AUTHID);
    if (claimed.empty() || claimed.size() > name_most) return false;
    name = std::move(claimed);
    auto found = lookup(name);
    if (found)
      credential = std::move(*found);
    else
      refusal = found.error();
    return credential.has_value();
  }

  std::optional<Secret> answer(Gsasl_property property) {
    switch (property) {
      case GSASL_CB_TLS_EXPORTER:
        return in_base64(binding);
      case GSASL_SCRAM_ITER:
        return Secret(iterations);
      case GSASL_SCRAM_SALT:
        return look_up() ? in_base64(credential->salt) : std::nullopt;
      case GSASL_SCRAM_STOREDKEY:
        return look_up() ? in_base64(credential->stored_key) : std::nullopt;
      case GSASL_SCRAM_SERVERKEY:
        return look_up() ? in_base64(credential->server_key) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

  std::string binding;
  Lookup lookup;
  std::string name;
  std::optional<Credential> credential;
  std::optional<Error> refusal;  // the lookup's
  GsaslSession session;
};

ScramServer::ScramServer(std::string channel_binding, Lookup lookup)
    : state_(std::make_unique<State>(std::move(channel_binding), std::move(lookup))) {}
ScramServer::~ScramServer() = default;

Result<std::string> ScramServer::step(std::string_view message) {
  State& state = *state_;
  // GNU SASL takes an empty message as a question for the first one, and no binding as the empty one.
  std::optional<std::string> answer;
  if (!message.empty() && !state.binding.empty()) answer = state.session.step(message);
  // Whoever asks to act for another user gets the one answer that everybody gets.
  const std::string acting_for = state.session.known(GSASL_AUTHZID);
  if (answer && state.credential && (acting_for.empty() || acting_for == state.name))
    return std::move(*answer);
  state.session.end();
  return fail(state.refusal.value_or(ErrorCode::login_failed));
}

bool ScramServer::done() const {
  return state_->session.done();
}
const std::string& ScramServer::name() const {
  return state_->name;
}
const KdfParameters& ScramServer::kdf() const {
  static const KdfParameters defaults;
  return state_->credential ? state_->credential->kdf : defaults;
}

}  // namespace sampan::login
