#include "cli/help.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "cli/command_table.h"
#include "cli/options.h"
#include "cli/two_columns.h"

namespace sampan::cli {
namespace {

constexpr std::string_view exit_codes = R"(Exit codes (* the same command again helps):
    0  done, and verified
    1  some of several items failed (each is named)
    2  usage
    3  refused: login failed, or not permitted
    4  no such file or directory
    5* connection lost, server gone or busy, time-out: transfers resume
    6* integrity: the bytes do not match the digest, or the source changed
       while it was sent
    7  no room: quota or disk full
    8  exists, not empty, is or is not a directory
    9  the server's key or proof is not the expected one
  130* interrupted
)";

constexpr std::string_view variables = R"(Environment variables:
  SAMPAN_SERVER    the server that client commands use without --server:
                   sampan://NAME@HOST[:PORT], or a profile
  SAMPAN_DATA      the data directory of serve and user without --data
  XDG_DATA_HOME    its default is $XDG_DATA_HOME/sampan
  XDG_CONFIG_HOME  servers and keys are remembered in $XDG_CONFIG_HOME/sampan
  XDG_STATE_HOME   the shell's history is $XDG_STATE_HOME/sampan/history
No password is ever read from a variable or an argument.
)";

constexpr std::string_view beginning = R"(To begin, a server here and a file sent to it:
  sampan user add alice --quota 10GiB      asks for alice's password
  sampan serve                             prints its fingerprint, then "ready"
  sampan login sampan://alice@127.0.0.1    in another terminal: shows the
                                           fingerprint, remembers the server
  sampan put report.pdf                    cut off? the same command resumes it
  sampan ls -l
)";

std::string list(const CommandTable& commands, std::string_view family) {
  std::size_t longest = 0;
  std::string lines;
  const auto wanted = [&](const CommandTable::Row& row) { return row.description.name.starts_with(family); };
  for (const auto& row : commands.rows())
    if (wanted(row)) longest = std::max(longest, row.description.name.size());
  for (const auto& row : commands.rows())
    if (wanted(row))
      lines += two_columns("  " + std::string(row.description.name), longest + 4, row.description.summary);
  return lines;
}

std::string usage_of(const Description& description, Place place) {
  std::string usage = place == Place::shell ? "" : "sampan ";
  usage += std::string(description.name) + " [OPTIONS]";
  if (!description.operands.empty()) usage += " " + std::string(description.operands);
  return usage;
}

std::string sentence(std::string_view summary) {
  std::string text(summary);
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text + ".";
}

}  // namespace

std::string program_help(const CommandTable& commands) {
  return fmt::format(
      "Usage: sampan COMMAND [OPTIONS] [OPERANDS]\n\n"
      "Keeps files on a server: every transfer resumes where it was cut, and ends in\n"
      "a verified receipt.\n\n"
      "Commands (sampan help COMMAND, or sampan COMMAND --help, says more):\n{}\n{}\n"
      "Options follow the command; -- ends them. A SIZE is bytes or a number with KiB,\n"
      "MiB, GiB, TiB or KB, MB, GB, TB.\n\n{}\n{}",
      list(commands, {}), beginning, exit_codes, variables);
}

std::string shell_help(const CommandTable& commands) {
  return fmt::format(
      "{}\n!COMMAND runs it in the local shell. Words are quoted as in sh; -- ends the\n"
      "options. help COMMAND says more; the Tab key completes names here and there.\n",
      list(commands, {}));
}

std::string family_help(const CommandTable& commands, std::string_view family) {
  return fmt::format(
      "Usage: sampan {} COMMAND [OPTIONS] [OPERANDS]\n\nCommands:\n{}\nsampan {} COMMAND --help says more.\n",
      family, list(commands, std::string(family) + " "), family);
}

std::string command_help(const Description& description, const Options& options, Place place) {
  std::string help =
      fmt::format("Usage: {}\n\n{}\n", usage_of(description, place), sentence(description.summary));
  if (!description.help.empty()) help += "\n" + std::string(description.help);
  help += options.help();
  if (description.uses_server && place == Place::command_line) help += "\n" + std::string(exit_codes);
  return help;
}

}  // namespace sampan::cli
