#pragma once

#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "cli/item_results.h"
#include "cli/progress/progress.h"
#include "disk/directory.h"

namespace sampan::cli {

/// Downloads files and trees, one after the other. A lost connection ends the command; anything else lets the
/// next item go on.
class Get final : public Command {
 public:
  Description describe() const override;
  void configure(Options& options) override;
  int run(Context& context, const Operands& operands) override;

 private:
  /// The local directory that the items go to: an existing one, or one that is made now.
  Result<disk::Directory> target(std::size_t items) const;
  Result<> get_item(Context& context, const disk::Directory& target, const std::string& remote,
                    Progress& progress, ItemResults& results) const;
  Result<> write_item(Context& context, const std::string& remote, Progress& progress) const;

  bool recursive_ = false;
  std::string to_;
  ProgressOption progress_;
};

}  // namespace sampan::cli
