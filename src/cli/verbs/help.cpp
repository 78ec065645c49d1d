#include "cli/verbs/help.h"

#include "cli/command_table.h"
#include "cli/console.h"
#include "cli/dispatch.h"
#include "cli/help.h"

namespace sampan::cli {

Description Help::describe() const {
  return {.name = "help",
          .summary = "show all commands, or what one of them does",
          .operands = "[COMMAND]",
          .most = 2};
}

int Help::run(Context& context, const Operands& operands) {
  const bool in_shell = context.commands.find(Operands{"cd"}) != nullptr;
  if (operands.empty()) {
    context.console.out() << (in_shell ? shell_help(context.commands) : program_help(context.commands));
    return 0;
  }
  Operands words = operands;
  words.emplace_back("--help");
  return dispatch(context, words, in_shell ? Place::shell : Place::command_line);
}

}  // namespace sampan::cli
