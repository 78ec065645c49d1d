#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"
#include "accounts/accounts.h"
#include "base/result.h"
#include "login/credential.h"

namespace sampan::accounts {

/// The accounts of one data directory, in its database. Several processes may use it at once (a running
/// server and `sampan user`); a change is seen by the next call of any of them. Thread-safe. May block on the
/// disk: call it on the blocking pool, except revision().
class AccountStore final : public Accounts {
 public:
  /// Opens FILE, making it with mode 0600 and bringing its tables up to date. io_error, denied, not_found,
  /// busy; unsupported where a newer Sampan made it.
  static Result<AccountStore> open(const std::string& file);
  AccountStore(AccountStore&&) noexcept;
  AccountStore& operator=(AccountStore&&) noexcept;
  ~AccountStore() override;

  /// Its credential_version is the store's to give. exists; invalid: see check_name, or a limit over 2^63-1.
  Result<> add(const Account& account, const login::Credential& credential);
  /// Quota, max_files and enabled of the account of that name. not_found; invalid: a limit over 2^63-1.
  Result<> update(const Account& account);
  /// Raises credential_version. not_found.
  Result<> set_credential(std::string_view name, const login::Credential& credential);
  /// not_found. The home is not touched.
  Result<> remove(std::string_view name);

  Result<Account> find(std::string_view name) const override;
  /// By name, in byte order.
  Result<std::vector<Account>> list() const;

  Result<std::optional<login::Credential>> credential(std::string_view name) const override;
  std::int64_t revision() const override;
  /// Made with the database.
  const std::string& server_secret() const override;

 private:
  struct State;
  explicit AccountStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sampan::accounts
