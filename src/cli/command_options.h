#pragma once

#include <vector>

#include "cli/command_table.h"
#include "cli/dispatch.h"
#include "cli/options.h"

namespace sampan::cli {

/// A command's options as it configures them: what completions are made of.
std::vector<OptionText> options_of(const CommandTable::Row& row, Place place);

}  // namespace sampan::cli
