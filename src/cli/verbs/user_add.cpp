#include "cli/verbs/user_add.h"

#include "cli/options.h"

namespace sampan::cli {

Description UserAdd::describe() const {
  return {.name = "user add",
          .summary = "let somebody in",
          .operands = "NAME",
          .least = 1,
          .most = 1,
          .help = R"(The home is a plain directory, DIR/homes/NAME. A running server knows the
account at once.

Examples:
  sampan user add alice --quota 10GiB
  sampan user add robot --max-files 100000 --password-file robot.password
)"};
}

void UserAdd::configure(Options& options) {
  limits_.configure(options);
  password_.configure(options);
  UserCommand::configure(options);
}

Result<> UserAdd::act(Context& context, UserBase& base, const Operands& operands) {
  accounts::Account account;
  account.name = operands[0];
  if (auto valid = accounts::check_name(account.name); !valid) return valid;
  if (auto limits = limits_.apply(account); !limits) return limits;
  if (base.accounts.find(account.name))
    return fail(ErrorCode::exists, "to change it: sampan user set, sampan user passwd");
  const auto credential = password_.credential(context.person, account.name);
  if (!credential) return fail(credential.error());
  // First the home: an account without one is let in nowhere.
  if (auto made = base.data.make_home(account.name); !made) return made;
  return base.accounts.add(account, *credential);
}

}  // namespace sampan::cli
