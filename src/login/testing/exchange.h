#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "login/scram.h"

namespace sampan::login::testing {

inline const std::string binding(32, 'b');
inline constexpr std::string_view right_password = "correct horse";

/// The only account that there is.
inline const Credential& alice() {
  static const Credential credential = make_credential(Secret(std::string(right_password))).value();
  return credential;
}

inline Credential credential_of(std::string_view name) {
  return name == "alice" ? alice() : decoy_credential(name, "server secret");
}

/// Alice's right answer, computed once: for tests that log in often.
inline Result<Secret> saved(std::string_view, const KdfParameters&) {
  static const Secret salted =
      salted_password(Secret(std::string(right_password)), alice().salt, alice().kdf).value();
  return salted.copy();
}

inline ScramClient::SaltedPasswordOf typed(std::string password) {
  return [password](std::string_view salt, const KdfParameters& kdf) {
    return salted_password(Secret(password), salt, kdf);
  };
}

inline ScramServer server() {
  return ScramServer(binding, credential_of);
}
inline ScramClient client() {
  return ScramClient(binding, "alice", saved);
}

/// What passed between two sides, and how it ended.
struct Exchange {
  std::vector<std::string> messages;  ///< as they arrived: client first, server first, client final, ..
  std::optional<Error> server_error;
  std::optional<Error> client_error;
  bool server_done = false;
  bool client_done = false;
};

/// A man in the middle: may change the i-th message on its way.
using Tamper = std::function<void(std::size_t index, std::string& message)>;

inline Exchange exchange(ScramClient client, ScramServer server, const Tamper& tamper = {}) {
  Exchange result;
  const auto pass = [&](std::string message) {
    if (tamper) tamper(result.messages.size(), message);
    return result.messages.emplace_back(std::move(message));
  };
  std::string from_server;
  while (!result.client_done) {
    auto from_client = client.step(from_server);
    if (!from_client) {
      result.client_error = from_client.error();
      break;
    }
    result.client_done = client.done();
    if (server.done()) break;
    auto answer = server.step(pass(*from_client));
    if (!answer) {
      result.server_error = answer.error();
      break;
    }
    client.set_kdf(server.kdf());
    from_server = pass(*answer);
  }
  result.server_done = server.done();
  return result;
}

}  // namespace sampan::login::testing
