#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "cli/progress/progress.h"
#include "cli/progress/transfer_state.h"

namespace sampan::cli {

/// A bar on one line of a terminal, rewritten at most ten times a second and once more when the last byte is
/// there, ended by a newline. The width is asked for each time, so that it follows the window. Nothing is
/// drawn for a transfer that never began.
class ProgressBar final : public Progress {
 public:
  using Columns = std::function<std::size_t()>;

  ProgressBar(std::ostream& terminal, std::string path, Now now, Columns columns)
      : terminal_(terminal), path_(std::move(path)), columns_(std::move(columns)), state_(std::move(now)) {}
  ~ProgressBar() override;

  void begin(std::string_view name, std::uint64_t total, std::uint64_t done) override;
  void advance(std::uint64_t bytes) override;
  void give_way() override;
  /// Some time has passed: what is shown of it (a rate that falls, a window that changed) is drawn again.
  void tick();

 private:
  void finish(const Error* failure) override;
  void draw(bool verified);

  std::ostream& terminal_;
  std::string path_;
  Columns columns_;
  TransferState state_;
  bool line_open_ = false;
};

}  // namespace sampan::cli
