#pragma once

#include "cli/command.h"
#include "cli/verbs/remote_command.h"

namespace sampan::cli {

/// The commands that only the shell has: where one is, on the server and here.

class ChangeDirectory final : public RemoteCommand {
 public:
  Description describe() const override;

 private:
  Result<> act(Context& context, const Operands& operands) override;
};

class PrintDirectory final : public Command {
 public:
  Description describe() const override;
  int run(Context& context, const Operands& operands) override;
};

class ChangeLocalDirectory final : public Command {
 public:
  Description describe() const override;
  int run(Context& context, const Operands& operands) override;
};

class PrintLocalDirectory final : public Command {
 public:
  Description describe() const override;
  int run(Context& context, const Operands& operands) override;
};

class ListLocal final : public Command {
 public:
  Description describe() const override;
  int run(Context& context, const Operands& operands) override;
};

class Exit final : public Command {
 public:
  Description describe() const override;
  int run(Context& context, const Operands& operands) override;
};

}  // namespace sampan::cli
