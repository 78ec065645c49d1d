#include "base/encoding.h"
#include "login/gsasl_session.h"
#include "login/scram.h"

namespace sampan::login {
namespace {

constexpr std::size_t name_most = 4096;
// SCRAM wants an iteration count; the work is Argon2id's, whose parameters travel beside the message.
constexpr const char* iterations = "4096";

}  // namespace

struct ScramServer::State {
  State(std::string channel_binding, Lookup ask)
      : binding(std::move(channel_binding)),
        lookup(std::move(ask)),
        session(GsaslSession::Side::server, scram_mechanism.data(),
                [this](Gsasl_property property) { return answer(property); }) {}

  const Credential& look_up() {
    if (!credential) {
      name = session.known(GSASL_AUTHID);
      credential = lookup(name);
    }
    return *credential;
  }

  std::optional<std::string> answer(Gsasl_property property) {
    switch (property) {
      case GSASL_CB_TLS_EXPORTER:
        return encode_base64(as_bytes(binding));
      case GSASL_SCRAM_SALT:
        return encode_base64(as_bytes(look_up().salt));
      case GSASL_SCRAM_ITER:
        return iterations;
      case GSASL_SCRAM_STOREDKEY:
        return encode_base64(as_bytes(look_up().stored_key));
      case GSASL_SCRAM_SERVERKEY:
        return encode_base64(as_bytes(look_up().server_key));
      default:
        return std::nullopt;
    }
  }

  std::string binding;
  Lookup lookup;
  std::string name;
  std::optional<Credential> credential;
  GsaslSession session;
};

ScramServer::ScramServer(std::string channel_binding, Lookup lookup)
    : state_(std::make_unique<State>(std::move(channel_binding), std::move(lookup))) {}
ScramServer::~ScramServer() = default;

Result<std::string> ScramServer::step(std::string_view message) {
  if (message.empty())
    return fail(ErrorCode::login_failed);  // GNU SASL would take it as a question for the first message
  auto answer = state_->session.step(message);
  // Whoever asks to act for another user, or names none, gets the one answer that everybody gets.
  const std::string acting_for = state_->session.known(GSASL_AUTHZID);
  const bool sound = answer && !state_->binding.empty() && state_->name.size() <= name_most &&
                     (acting_for.empty() || acting_for == state_->name);
  if (!sound) return fail(ErrorCode::login_failed);
  return std::move(*answer);
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
