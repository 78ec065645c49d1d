#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/interrupts.h"
#include "cli/shell/completer.h"

namespace sampan::cli {

/// Reads lines from the terminal with editing, history and completion (libedit). One at a time in a process;
/// on the main thread. The terminal is as it was whenever read() has returned.
class LineEditor {
 public:
  using Complete = std::function<Completion(std::string_view line)>;

  /// `history_file` is read now and written after each line, mode 0600; empty: no history is kept.
  LineEditor(Interrupts& interrupts, std::string history_file, Complete complete);
  ~LineEditor();

  /// The next line without its newline; nothing at the end of the input (Ctrl-D). interrupted for Ctrl-C,
  /// which drops the line.
  Result<std::optional<std::string>> read(const std::string& prompt);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// $XDG_STATE_HOME/sampan/history or ~/.local/state/sampan/history, its directory made (0700) where it is
/// missing; empty where there is no place for it.
std::string history_file();

}  // namespace sampan::cli
