#pragma once

#include "cli/command_table.h"

namespace sampan::cli {

/// What `sampan COMMAND` can be.
CommandTable program_commands();
/// What a line of the shell can be.
CommandTable shell_commands();

}  // namespace sampan::cli
