#include "cli/verbs/user_list.h"

#include <boost/json/array.hpp>

#include "cli/json_text.h"
#include "cli/options.h"

namespace sampan::cli {

Description UserList::describe() const {
  return {.name = "user list",
          .summary = "show all accounts, with what they use",
          .help = "Counts the homes on the disk.\n"};
}

void UserList::configure(Options& options) {
  options.flag("--json", json_, "an array of {name,quota,max_files,used,files,enabled}");
  UserCommand::configure(options);
}

Result<> UserList::act(Context& context, UserBase& base, const Operands&) {
  const auto all = base.accounts.list();
  if (!all) return fail(all.error());
  std::vector<AccountState> states;
  for (const auto& account : *all) {
    auto state = base.state_of(account);
    if (!state) return fail(state.error().code(), account.name + ": " + state.error().message());
    states.push_back(std::move(*state));
  }
  if (!json_) {
    context.console.out() << account_table(states);
    return {};
  }
  boost::json::array array;
  for (const auto& state : states) array.push_back(account_json(state));
  context.console.out() << json_line(array);
  return {};
}

}  // namespace sampan::cli
