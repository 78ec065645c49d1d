#include "cli/verbs/user_passwd.h"

#include "cli/options.h"

namespace sampan::cli {

Description UserPasswd::describe() const {
  return {.name = "user passwd",
          .summary = "give an account a new password",
          .operands = "NAME",
          .least = 1,
          .most = 1,
          .help = "Sessions that logged in with the old one end at their next request.\n"};
}

void UserPasswd::configure(Options& options) {
  password_.configure(options);
  UserCommand::configure(options);
}

Result<> UserPasswd::act(Context& context, UserBase& base, const Operands& operands) {
  const auto account = base.find(operands[0]);
  if (!account) return fail(account.error());
  const auto credential = password_.credential(context.person, account->name);
  if (!credential) return fail(credential.error());
  return base.accounts.set_credential(account->name, *credential);
}

}  // namespace sampan::cli
