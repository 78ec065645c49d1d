#include "cli/verbs/remote_command.h"

namespace sampan::cli {

int RemoteCommand::run(Context& context, const Operands& operands) {
  const auto done = act(context, operands);
  if (done) return 0;
  return context.console.fail(describe().name, operands.empty() ? "" : operands.front(), done.error());
}

}  // namespace sampan::cli
