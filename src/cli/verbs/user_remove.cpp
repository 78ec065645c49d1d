#include "cli/verbs/user_remove.h"

#include "cli/options.h"

namespace sampan::cli {

Description UserRemove::describe() const {
  return {.name = "user remove",
          .summary = "delete an account; its files stay unless --purge",
          .operands = "NAME",
          .least = 1,
          .most = 1};
}

void UserRemove::configure(Options& options) {
  options.flag("--purge", purge_, "delete the user's files too, for good");
  UserCommand::configure(options);
}

Result<> UserRemove::act(Context&, UserBase& base, const Operands& operands) {
  const auto account = base.find(operands[0]);
  if (!account) return fail(account.error());
  // First the account: whoever cannot log in adds nothing while the files go.
  if (auto removed = base.accounts.remove(account->name); !removed) return removed;
  if (purge_) return base.data.purge(account->name);
  return {};
}

}  // namespace sampan::cli
