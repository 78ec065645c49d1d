#pragma once

#include "cli/command.h"

namespace sampan::cli {

/// `completion bash|zsh`: prints a script; `completion for LINE`, which the script asks at each Tab: what the
/// last word of the line may become.
class PrintCompletion final : public Command {
 public:
  Description describe() const override;
  int run(Context& context, const Operands& operands) override;
};

}  // namespace sampan::cli
