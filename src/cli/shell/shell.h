#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/progress/progress.h"

namespace sampan::cli {

/// `sampan shell`: the verbs and a working directory, over one connection. A lost connection ends the command
/// that met it; the next one connects again.
class Shell final : public Command {
 public:
  Description describe() const override;
  void configure(Options& options) override;
  int run(Context& context, const Operands& operands) override;

 private:
  int run_on_terminal(Context& context) const;
  int run_script(Context& context) const;
  static int run_line(Context& context, const std::string& line);

  bool stop_on_error_ = false;
};

}  // namespace sampan::cli
