#pragma once

#include <string>

#include "cli/server_options.h"
#include "cli/verbs/remote_command.h"

namespace sampan::cli {

/// Proves that a server can be reached, is the right one and lets the user in; then remembers all three.
class Login final : public RemoteCommand {
 public:
  Description describe() const override;
  void configure(Options& options) override;

 private:
  Result<> act(Context& context, const Operands& operands) override;

  std::string profile_;
  ServerOptions server_;
};

}  // namespace sampan::cli
