#pragma once

#include "cli/command.h"

namespace sampan::cli {

class Remove final : public Command {
 public:
  Description describe() const override;
  void configure(Options& options) override;
  int run(Context& context, const Operands& operands) override;

 private:
  bool force_ = false;
};

}  // namespace sampan::cli
