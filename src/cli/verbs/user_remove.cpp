#include "cli/verbs/user_remove.h"

#include "cli/options.h"

namespace sampan::cli {

Description UserRemove::describe() const {
  return {.name = "user remove",
          .summary = "delete an account; its files stay unless --purge",
          .operands = "NAME",
          .least = 1,
          .most = 1,
          .help = R"(With --purge, what cannot be deleted is named and keeps nothing else from
going; the same command again finishes what an earlier one did not.
)"};
}

void UserRemove::configure(Options& options) {
  options.flag("--purge", purge_, "delete the user's files too, for good");
  UserCommand::configure(options);
}

Result<> UserRemove::act(Context&, UserBase& base, const Operands& operands) {
  const std::string& name = operands[0];
  // First the account: whoever cannot log in adds nothing while the files go.
  const auto removed = base.accounts.remove(name);
  const bool was_there = removed || removed.error().code() != ErrorCode::not_found;
  if (!removed && was_there) return removed;
  // Without an account too: an earlier run may have ended between the two. But only where one could have
  // been.
  const Result<> purged =
      purge_ && accounts::check_name(name) ? base.data.purge(name) : fail(ErrorCode::not_found);
  if (purged) return {};
  if (purged.error().code() != ErrorCode::not_found)
    return fail(purged.error().code(), "the account is gone, but not all of its files: " +
                                           purged.error().detail() + "; when that is mended, the same again");
  return was_there ? Result<>() : fail(ErrorCode::not_found, "no such account");
}

}  // namespace sampan::cli
