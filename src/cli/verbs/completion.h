#pragma once

#include "cli/command.h"

namespace sampan::cli {

/// `completion bash|zsh`: prints a script that is made from the table of commands.
class PrintCompletion final : public Command {
 public:
  Description describe() const override;
  int run(Context& context, const Operands& operands) override;
};

}  // namespace sampan::cli
