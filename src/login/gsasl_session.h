#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <gsasl.h>

#include "base/result.h"

namespace sampan::login {

/// One SASL exchange of GNU SASL, with everything it owns. One thread at a time.
class GsaslSession {
 public:
  enum class Side { client, server };
  /// Answers a property that the library asks for; nothing where there is none. Must not throw.
  using Property = std::function<std::optional<std::string>(Gsasl_property)>;

  GsaslSession(Side side, const char* mechanism, Property property);
  ~GsaslSession();
  GsaslSession(const GsaslSession&) = delete;
  GsaslSession& operator=(const GsaslSession&) = delete;

  /// Takes one message, gives the next; `done` once both sides are through. nullopt where the exchange has
  /// failed.
  std::optional<std::string> step(std::string_view message);
  bool done() const { return done_; }
  /// What the library knows of a property, without asking.
  std::string known(Gsasl_property property) const;

 private:
  static int ask(Gsasl* context, Gsasl_session* session, Gsasl_property property);

  Gsasl* context_ = nullptr;
  Gsasl_session* session_ = nullptr;
  Property property_;
  bool done_ = false;
};

}  // namespace sampan::login
