#pragma once

#include <optional>
#include <string>

#include "accounts/account_store.h"
#include "cli/account_report.h"
#include "cli/command.h"
#include "cli/console.h"
#include "server/data_directory.h"

namespace sampan::cli {

/// The data directory that a `user` command works on; a server may be running on it.
struct UserBase {
  server::DataDirectory data;
  accounts::AccountStore accounts;

  /// not_found naming the account.
  Result<accounts::Account> find(const std::string& name) const;
  Result<AccountState> state_of(const accounts::Account& account) const;
};

/// What the `user` family shares: --data, opening it, and one way to report.
class UserCommand : public Command {
 public:
  void configure(Options& options) override;
  int run(Context& context, const Operands& operands) final;

 protected:
  virtual Result<> act(Context& context, UserBase& base, const Operands& operands) = 0;

 private:
  std::string data_;
};

/// --quota and --max-files, where "none" takes a limit away.
class LimitOptions {
 public:
  void configure(Options& options);
  /// Sets in `account` what was given. invalid.
  Result<> apply(accounts::Account& account) const;
  bool given() const { return !quota_.empty() || !max_files_.empty(); }

 private:
  std::string quota_, max_files_;
};

/// The password of an account: from --password-file, or asked twice.
class NewPassword {
 public:
  void configure(Options& options);
  Result<login::Credential> credential(Person& person, const std::string& name) const;

 private:
  std::string file_;
};

}  // namespace sampan::cli
