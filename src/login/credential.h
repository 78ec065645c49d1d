#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "login/kdf.h"

namespace sampan::login {

/// What the server keeps of a password (RFC 5802 section 3). Whoever steals it can neither log in nor read
/// the password from it.
struct Credential {
  std::string salt;  ///< 16 raw bytes or more
  KdfParameters kdf;
  std::string stored_key;  ///< 32 raw bytes: SHA-256 of ClientKey
  std::string server_key;  ///< 32 raw bytes
};

/// With a fresh random salt. Blocks for tens of milliseconds. invalid for a password that is empty, longer
/// than 1024 bytes or has a NUL, and for parameters that no client would take (see check). busy.
Result<Credential> make_credential(const Secret& password, const KdfParameters& parameters = {});

/// A credential that no password opens, the same for the same name and key: an unknown user then fails
/// exactly like a wrong password. Its KDF is the default: an account with another one can be told from it.
Credential decoy_credential(std::string_view name, std::string_view server_secret);

}  // namespace sampan::login
