#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/dispatch.h"

namespace sampan::cli {

/// `sampan --help`: the commands, how to begin, exit codes, environment variables.
std::string program_help(const CommandTable& commands);
/// `help` in the shell.
std::string shell_help(const CommandTable& commands);
/// `sampan user --help`.
std::string family_help(const CommandTable& commands, std::string_view family);
/// `sampan put --help`; `options` as the command has configured it.
std::string command_help(const Description& description, const Options& options, Place place);

}  // namespace sampan::cli
