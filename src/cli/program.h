#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace sampan::cli {

/// The whole program behind `main`: --help and --version, else a command. Gives the exit code; nothing is
/// thrown.
int run_program(Context& context, const std::vector<std::string>& words);

}  // namespace sampan::cli
