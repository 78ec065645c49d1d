#pragma once

#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "cli/item_results.h"
#include "cli/progress/progress.h"
#include "cli/remote_path.h"

namespace sampan::cli {

/// Uploads files and trees, one after the other. A lost connection ends the command; anything else lets the
/// next item go on.
class Put final : public Command {
 public:
  Description describe() const override;
  void configure(Options& options) override;
  int run(Context& context, const Operands& operands) override;

 private:
  /// Where the items go: an existing directory, or one that is made now.
  Result<RemotePath> target(Context& context, std::size_t items) const;
  int put_standard_input(Context& context) const;
  Result<> put_item(Context& context, const RemotePath& target, const std::string& local, Progress& progress,
                    ItemResults& results) const;

  bool recursive_ = false;
  std::string to_;
  ProgressOption progress_;
};

}  // namespace sampan::cli
