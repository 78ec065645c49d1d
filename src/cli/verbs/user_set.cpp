#include "cli/verbs/user_set.h"

#include "cli/options.h"

namespace sampan::cli {

Description UserSet::describe() const {
  return {.name = "user set",
          .summary = "change an account's limits, or whether it may log in",
          .operands = "NAME",
          .least = 1,
          .most = 1,
          .help =
              R"(Takes effect at the user's next request. A quota below what is used leaves the
files; nothing can be added until there is room.

Examples:
  sampan user set alice --quota 20GiB --max-files none
  sampan user set alice --disable
)"};
}

void UserSet::configure(Options& options) {
  limits_.configure(options);
  options.flag("--disable", disable_, "no login, and running sessions end at their next request");
  options.flag("--enable", enable_, "may log in again");
  options.not_both("--disable", "--enable");
  UserCommand::configure(options);
}

Result<> UserSet::act(Context&, UserBase& base, const Operands& operands) {
  if (!limits_.given() && !enable_ && !disable_)
    return fail(ErrorCode::invalid, "nothing to change: use --quota, --max-files, --enable or --disable");
  auto account = base.find(operands[0]);
  if (!account) return fail(account.error());
  if (auto limits = limits_.apply(*account); !limits) return limits;
  if (enable_ || disable_) account->enabled = enable_;
  return base.accounts.update(*account);
}

}  // namespace sampan::cli
