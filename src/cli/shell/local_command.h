#pragma once

#include <string>

#include "cli/command.h"

namespace sampan::cli {

/// `!COMMAND`: runs it in the local shell ($SHELL, else /bin/sh; alone: an interactive one), with this
/// terminal, and waits. Ctrl-C is the child's. Gives its exit code, 128 + the signal that ended it.
int run_local_command(Context& context, const std::string& command);

}  // namespace sampan::cli
