#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "login/credential.h"

namespace sampan::login {

inline constexpr std::string_view scram_mechanism = "SCRAM-SHA-256-PLUS";

/// The server's side of one login (RFC 5802, 7677, bound to the channel by RFC 9266), through GNU SASL. Pure:
/// texts in, texts out.
///   client first -> step() -> server first;  client final -> step() -> server final, done() is true.
/// One thread at a time. A failed step ends it.
class ScramServer {
 public:
  /// Called once, within the first step, with the name that the client claims, prepared by SASLprep (RFC
  /// 4013) and at most 4 KiB. An unknown one has its decoy_credential; an error is for what has nothing to do
  /// with who it is.
  using Lookup = std::function<Result<Credential>(std::string_view name)>;

  /// `channel_binding`: the 32 raw bytes of tls-exporter.
  ScramServer(std::string channel_binding, Lookup lookup);
  ~ScramServer();

  /// The answer to the client's message. login_failed for every cause, so that no cause can be told from
  /// another; or what Lookup said.
  Result<std::string> step(std::string_view message);
  bool done() const;
  /// The name, once the first step has been taken; empty where it was none.
  const std::string& name() const;
  /// The parameters of the credential, once the first step has been taken: the client needs them for its
  /// second.
  const KdfParameters& kdf() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The client's side. One thread at a time. A failed step ends it, and every later one says the same.
///   step("") -> client first;  set_kdf(..);  server first -> step() -> client final;  server final -> step()
///   -> "", done() is true.
class ScramClient {
 public:
  /// How the salted password is had from the salt and the KDF that the server named: from the password, or
  /// one saved earlier.
  using SaltedPasswordOf = std::function<Result<Secret>(std::string_view salt, const KdfParameters& kdf)>;

  ScramClient(std::string channel_binding, std::string name, SaltedPasswordOf salted_password);
  ~ScramClient();

  void set_kdf(const KdfParameters& kdf);
  /// login_failed; wrong_peer where the server's proof is wrong: it does not know the verifier; invalid for
  /// parameters that check() refuses, before the password is used; or what SaltedPasswordOf said.
  Result<std::string> step(std::string_view message);
  bool done() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sampan::login
