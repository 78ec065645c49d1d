#pragma once

#include <string>
#include <vector>

#include "cli/command_table.h"
#include "cli/dispatch.h"

namespace sampan::cli {

/// One spelling of an option.
struct OptionText {
  std::string name;   ///< "--to", "-r"
  std::string value;  ///< what follows it, as help shows it: "REMOTE_DIR"; empty for a flag
  std::string description;
};

/// A command's options as it configures them: what completions are made of.
std::vector<OptionText> options_of(const CommandTable::Row& row, Place place);

}  // namespace sampan::cli
