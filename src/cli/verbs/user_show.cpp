#include "cli/verbs/user_show.h"

#include "cli/json_text.h"
#include "cli/options.h"

namespace sampan::cli {

Description UserShow::describe() const {
  return {.name = "user show",
          .summary = "show one account, with what it uses",
          .operands = "NAME",
          .least = 1,
          .most = 1};
}

void UserShow::configure(Options& options) {
  options.flag("--json", json_, "one {name,quota,max_files,used,files,enabled}");
  UserCommand::configure(options);
}

Result<> UserShow::act(Context& context, UserBase& base, const Operands& operands) {
  const auto account = base.find(operands[0]);
  if (!account) return fail(account.error());
  const auto state = base.state_of(*account);
  if (!state) return fail(state.error());
  context.console.out() << (json_ ? json_line(account_json(*state)) : account_lines(*state));
  return {};
}

}  // namespace sampan::cli
