#include "login/gsasl_session.h"

#include <cstring>
#include <memory>
#include <utility>

namespace sampan::login {
namespace {

constexpr std::size_t message_most = 64 * 1024;

struct GsaslFree {
  void operator()(char* memory) const { gsasl_free(memory); }
};

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
  end();
  if (context_ != nullptr) gsasl_done(context_);
}

void GsaslSession::end() {
  done_ = false;
  if (session_ == nullptr) return;
  // The library frees its copies of the keys, but does not wipe them.
  for (const auto property : {GSASL_SCRAM_SALTED_PASSWORD, GSASL_SCRAM_STOREDKEY, GSASL_SCRAM_SERVERKEY})
    if (const char* key = gsasl_property_fast(session_, property))
      explicit_bzero(const_cast<char*>(key), std::strlen(key));
  gsasl_finish(std::exchange(session_, nullptr));
}

// No exception may cross the library's frames: it waits here until they are left.
int GsaslSession::ask(Gsasl*, Gsasl_session* session, Gsasl_property property) {
  auto* self = static_cast<GsaslSession*>(gsasl_session_hook_get(session));
  if (self == nullptr || self->thrown_) return GSASL_NO_CALLBACK;
  try {
    const std::optional<Secret> value = self->property_(property);
    if (!value) return GSASL_NO_CALLBACK;
    const std::string_view text = value->reveal();
    return gsasl_property_set_raw(session, property, text.data(), text.size());
  } catch (...) {
    self->thrown_ = std::current_exception();
    return GSASL_NO_CALLBACK;
  }
}

std::optional<std::string> GsaslSession::step(std::string_view message) {
  auto answer = take(message);
  if (!answer) end();
  if (thrown_) {
    end();
    std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  return answer;
}

std::optional<std::string> GsaslSession::take(std::string_view message) {
  if (session_ == nullptr || done_ || message.size() > message_most) return std::nullopt;
  // No mechanism here has a NUL in its messages, and the library would read only what is before it.
  if (message.find('\0') != message.npos) return std::nullopt;
  char* raw = nullptr;
  std::size_t size = 0;
  const int status = gsasl_step(session_, message.data(), message.size(), &raw, &size);
  const std::unique_ptr<char, GsaslFree> answer(raw);
  if (status != GSASL_OK && status != GSASL_NEEDS_MORE) return std::nullopt;
  if (size > message_most) return std::nullopt;
  done_ = status == GSASL_OK;
  return answer == nullptr ? std::string() : std::string(answer.get(), size);
}

std::string GsaslSession::known(Gsasl_property property) const {
  const char* value = session_ == nullptr ? nullptr : gsasl_property_fast(session_, property);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace sampan::login
