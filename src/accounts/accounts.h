#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/account.h"
#include "base/result.h"
#include "login/credential.h"

namespace sampan::accounts {

/// What a login and the session after it ask of the accounts, wherever those are kept. Thread-safe. May block
/// on a disk: call it on the blocking pool, except revision() and server_secret().
class Accounts {
 public:
  virtual ~Accounts() = default;

  /// not_found.
  virtual Result<Account> find(std::string_view name) const = 0;
  /// For a login: the credential, or nothing where the name is unknown or the account disabled.
  virtual Result<std::optional<login::Credential>> credential(std::string_view name) const = 0;
  /// A number that changes whenever any account may have changed, in any process; means nothing to another
  /// store. Microseconds, never blocks on the disk or on a writer: a session compares it before each request,
  /// and asks find() again only when it differs.
  virtual std::int64_t revision() const = 0;
  /// 32 random bytes that stay: the key for decoy credentials.
  virtual const std::string& server_secret() const = 0;

 protected:
  Accounts() = default;
  Accounts(Accounts&&) = default;
  Accounts& operator=(Accounts&&) = default;
};

}  // namespace sampan::accounts
