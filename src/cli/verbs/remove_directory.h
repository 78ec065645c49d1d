#pragma once

#include "cli/verbs/remote_command.h"

namespace sampan::cli {

class RemoveDirectory final : public RemoteCommand {
 public:
  Description describe() const override;

 private:
  Result<> act(Context& context, const Operands& operands) override;
};

}  // namespace sampan::cli
