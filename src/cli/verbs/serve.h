#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "server/configuration.h"

namespace sampan::cli {

/// Runs a server: the configuration file first, the options over it.
class Serve final : public Command {
 public:
  Description describe() const override;
  void configure(Options& options) override;
  int run(Context& context, const Operands& operands) override;

 private:
  Result<server::Configuration> configuration() const;

  std::string config_, data_, user_, log_format_, log_level_, tls_certificate_, tls_key_;
  std::vector<std::string> listen_;
  std::optional<std::uint32_t> grace_, threads_;
};

}  // namespace sampan::cli
