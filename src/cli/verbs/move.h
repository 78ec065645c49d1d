#pragma once

#include "cli/verbs/remote_command.h"

namespace sampan::cli {

class Move final : public RemoteCommand {
 public:
  Description describe() const override;
  void configure(Options& options) override;

 private:
  Result<> act(Context& context, const Operands& operands) override;
  bool force_ = false;
};

}  // namespace sampan::cli
