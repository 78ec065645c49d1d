#pragma once

#include "base/result.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/remote_path.h"
#include "cli/session.h"

namespace sampan::cli {

/// A verb that asks the server one thing about at most one item, and the one way to report its failure.
class RemoteCommand : public Command {
 public:
  int run(Context& context, const Operands& operands) final;

 protected:
  virtual Result<> act(Context& context, const Operands& operands) = 0;
};

}  // namespace sampan::cli
