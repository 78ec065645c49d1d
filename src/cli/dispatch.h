#pragma once

#include "cli/command.h"

namespace sampan::cli {

/// Where a command line comes from.
enum class Place {
  command_line,  ///< the process's own: commands that talk to a server take --server, --password-file and
                 ///< --trust
  shell,         ///< the shell's, which has chosen its server already
};

/// Finds the command that the words name in context.commands, reads its options and runs it. Every failure is
/// reported; gives the exit code.
int dispatch(Context& context, const std::vector<std::string>& words, Place place);

}  // namespace sampan::cli
