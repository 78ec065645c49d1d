#include "login/gsasl_session.h"

namespace sampan::login {
namespace {

constexpr std::size_t message_most = 64 * 1024;

}  // namespace

GsaslSession::GsaslSession(Side side, const char* mechanism, Property property)
    : property_(std::move(property)) {
  if (gsasl_init(&context_) != GSASL_OK) return;
  gsasl_callback_set(context_, &GsaslSession::ask);
  const int status = side == Side::client ? gsasl_client_start(context_, mechanism, &session_)
                                          : gsasl_server_start(context_, mechanism, &session_);
  if (status != GSASL_OK) {
    session_ = nullptr;
    return;
  }
  gsasl_session_hook_set(session_, this);
}

GsaslSession::~GsaslSession() {
  if (session_ != nullptr) gsasl_finish(session_);
  if (context_ != nullptr) gsasl_done(context_);
}

int GsaslSession::ask(Gsasl*, Gsasl_session* session, Gsasl_property property) {
  auto* self = static_cast<GsaslSession*>(gsasl_session_hook_get(session));
  if (self == nullptr) return GSASL_NO_CALLBACK;
  const auto value = self->property_(property);
  if (!value) return GSASL_NO_CALLBACK;
  gsasl_property_set(session, property, value->c_str());
  return GSASL_OK;
}

std::optional<std::string> GsaslSession::step(std::string_view message) {
  if (session_ == nullptr || done_ || message.size() > message_most) return std::nullopt;
  char* output = nullptr;
  std::size_t size = 0;
  const int status = gsasl_step(session_, message.data(), message.size(), &output, &size);
  std::string answer = output == nullptr ? std::string() : std::string(output, size);
  gsasl_free(output);
  if (status == GSASL_OK) {
    done_ = true;
    return answer;
  }
  if (status == GSASL_NEEDS_MORE) return answer;
  gsasl_finish(session_);
  session_ = nullptr;
  return std::nullopt;
}

std::string GsaslSession::known(Gsasl_property property) const {
  const char* value = session_ == nullptr ? nullptr : gsasl_property_fast(session_, property);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace sampan::login
