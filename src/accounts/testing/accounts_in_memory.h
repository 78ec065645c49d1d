#pragma once

#include <map>
#include <mutex>
#include <string>

#include "accounts/accounts.h"

namespace sampan::accounts::testing {

/// Accounts without a database, for the tests of what asks for them. As with the real ones, a change is seen
/// by the next call, and by its revision.
class AccountsInMemory final : public Accounts {
 public:
  /// Makes the account of that name, or changes it; with a credential the login as well.
  void set(const Account& account) {
    const std::lock_guard lock(mutex_);
    rows_[account.name].account = account;
    ++revision_;
  }
  void set(const Account& account, const login::Credential& credential) {
    const std::lock_guard lock(mutex_);
    rows_[account.name] = {account, credential};
    ++revision_;
  }
  void remove(const std::string& name) {
    const std::lock_guard lock(mutex_);
    rows_.erase(name);
    ++revision_;
  }

  Result<Account> find(std::string_view name) const override {
    const std::lock_guard lock(mutex_);
    const auto row = rows_.find(name);
    if (row == rows_.end()) return fail(ErrorCode::not_found);
    return row->second.account;
  }
  Result<std::optional<login::Credential>> credential(std::string_view name) const override {
    const std::lock_guard lock(mutex_);
    const auto row = rows_.find(name);
    if (row == rows_.end() || !row->second.account.enabled) return std::nullopt;
    return row->second.credential;
  }
  std::int64_t revision() const override {
    const std::lock_guard lock(mutex_);
    return revision_;
  }
  const std::string& server_secret() const override { return secret_; }

 private:
  struct Row {
    Account account;
    login::Credential credential;
  };

  const std::string secret_ = std::string(32, 's');
  mutable std::mutex mutex_;
  std::int64_t revision_ = 1;  // guarded by mutex_, like all below
  std::map<std::string, Row, std::less<>> rows_;
};

}  // namespace sampan::accounts::testing
