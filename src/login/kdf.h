#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace sampan::login {

/// Argon2id (RFC 9106) in the place of SCRAM's PBKDF2. The defaults are OWASP's second choice: about 40 ms on
/// a desktop core.
struct KdfParameters {
  std::uint32_t memory_kib = 19'456;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
  bool operator==(const KdfParameters&) const = default;
};

/// What a client takes from a server: at least the defaults' cost, at most 1 GiB, 64 passes and 16 lanes;
/// else invalid. A server that asks for less than the floor wants a cheap guess, one that asks for more than
/// the ceiling wants the client to fall over.
Result<> check(const KdfParameters& parameters);

/// SaltedPassword of RFC 5802, 32 raw bytes. The password is prepared by SASLprep (RFC 4013) where it
/// applies, else taken as it is. `salt` is at least 16 bytes. Blocks for tens of milliseconds. busy where
/// there is no memory.
Result<Secret> salted_password(const Secret& password, std::string_view salt,
                               const KdfParameters& parameters);

}  // namespace sampan::login
