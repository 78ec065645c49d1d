#pragma once

#include "cli/command.h"

namespace sampan::cli {

/// `help`, `help put`, `help user add`: of the table that it is found in.
class Help final : public Command {
 public:
  Description describe() const override;
  int run(Context& context, const Operands& operands) override;
};

}  // namespace sampan::cli
