#include "cli/shell/shell.h"

#include <iostream>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/dispatch.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/shell/line_editor.h"
#include "cli/shell/local_command.h"
#include "cli/shell/name_sources.h"
#include "cli/shell/words.h"

namespace sampan::cli {

Description Shell::describe() const {
  return {.name = "shell",
          .summary = "the same verbs line by line, and cd, pwd, lcd, lpwd, lls, !COMMAND",
          .uses_server = true,
          .help =
              R"(On a terminal with history, editing and completion by Tab; else one command a
line from standard input, quotes as in sh, and the exit code of the last
command.

Examples:
  sampan shell
  printf 'cd reports\nget 2026.pdf\n' | sampan shell --stop-on-error
)"};
}

void Shell::configure(Options& options) {
  options.flag("--stop-on-error", stop_on_error_, "end at the first command that fails, with its exit code");
}

int Shell::run(Context& context, const Operands&) {
  const CommandTable commands = shell_commands();
  const bool on_terminal = context.console.terminals().in;
  Context inner = {commands, context.console, context.person, context.session, on_terminal};
  context.session.connection();  // a wrong password is best said at once
  return on_terminal ? run_on_terminal(inner) : run_script(inner);
}

int Shell::run_line(Context& context, const std::string& line) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start != std::string::npos && line[start] == '!')
    return run_local_command(context, line.substr(start + 1));
  const auto words = split_words(line);
  if (!words) {
    context.console.note(words.error().message());
    return exit_code(words.error().code());
  }
  return dispatch(context, *words, Place::shell);
}

int Shell::run_on_terminal(Context& context) const {
  LocalNames local;
  RemoteNames remote(context.session);
  const Completer completer(context.commands, Place::shell, local, remote);
  LineEditor editor(context.session.interrupts(), history_file(),
                    [&](std::string_view line) { return completer.complete(line); });
  const client::ServerAddress& address = context.session.address();
  context.console.note(
      fmt::format("{} at {}; help shows the commands, exit leaves", address.user, address.host()));
  int code = 0;
  while (!context.session.left()) {
    const auto line = editor.read("sampan:" + printable(context.session.directory().text()) + "> ");
    if (!line) continue;  // Ctrl-C drops the line
    if (!*line) break;
    if ((*line)->find_first_not_of(" \t") == std::string::npos) continue;
    code = run_line(context, **line);
    if (code != 0 && stop_on_error_) break;
    remote.forget();
  }
  return code;
}

int Shell::run_script(Context& context) const {
  int code = 0;
  for (std::string line; !context.session.left() && std::getline(std::cin, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos || line.starts_with('#')) continue;
    code = run_line(context, line);
    if (code != 0 && stop_on_error_) break;
  }
  return code;
}

}  // namespace sampan::cli
