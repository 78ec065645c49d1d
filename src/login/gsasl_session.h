#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <gsasl.h>

#include "base/secret.h"

namespace sampan::login {

/// One SASL exchange of GNU SASL, with everything it owns. One thread at a time.
class GsaslSession {
 public:
  enum class Side { client, server };
  /// Answers a property that the library asks for, as text without a NUL; nothing where there is none. Called
  /// within step(), which throws what it throws.
  using Property = std::function<std::optional<Secret>(Gsasl_property)>;

  GsaslSession(Side side, const char* mechanism, Property property);
  ~GsaslSession();
  GsaslSession(const GsaslSession&) = delete;
  GsaslSession& operator=(const GsaslSession&) = delete;

  /// Takes one message, gives the next; done() once this side is through. nullopt where the exchange has
  /// failed, which ends it; neither message may exceed 64 KiB.
  std::optional<std::string> step(std::string_view message);
  /// No further step succeeds, and done() is false. The keys are wiped.
  void end();
  bool done() const { return done_; }
  /// What the library knows of a property, without asking; empty once the exchange has ended.
  std::string known(Gsasl_property property) const;

 private:
  static int ask(Gsasl* context, Gsasl_session* session, Gsasl_property property);
  std::optional<std::string> take(std::string_view message);

  Gsasl* context_ = nullptr;
  Gsasl_session* session_ = nullptr;
  Property property_;
  std::exception_ptr thrown_;
  bool done_ = false;
};

}  // namespace sampan::login
