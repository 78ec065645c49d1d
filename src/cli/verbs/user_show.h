#pragma once

#include "cli/verbs/user_command.h"

namespace sampan::cli {

class UserShow final : public UserCommand {
 public:
  Description describe() const override;
  void configure(Options& options) override;

 private:
  Result<> act(Context& context, UserBase& base, const Operands& operands) override;
  bool json_ = false;
};

}  // namespace sampan::cli
