#pragma once

#include "cli/verbs/remote_command.h"

namespace sampan::cli {

class Stat final : public RemoteCommand {
 public:
  Description describe() const override;
  void configure(Options& options) override;

 private:
  Result<> act(Context& context, const Operands& operands) override;
  bool json_ = false;
};

}  // namespace sampan::cli
