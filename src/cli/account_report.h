#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "accounts/account.h"
#include "storage/usage.h"

namespace sampan::cli {

/// An account with what its home holds at this moment.
struct AccountState {
  accounts::Account account;
  storage::Usage usage;
};

/// {name, quota, max_files, used, files, enabled}; no limit is null.
boost::json::object account_json(const AccountState& state);
/// A table with a heading, a line an account.
std::string account_table(const std::vector<AccountState>& states);
/// A line a figure.
std::string account_lines(const AccountState& state);

}  // namespace sampan::cli
