#include "cli/progress/progress.h"

#include <unistd.h>

#include "cli/options.h"
#include "cli/progress/json_progress.h"
#include "cli/progress/live_bar.h"
#include "cli/terminal.h"

namespace sampan::cli {
namespace {

class Silence final : public Progress {
 public:
  void begin(std::string_view, std::uint64_t, std::uint64_t) override {}
  void advance(std::uint64_t) override {}

 private:
  void finish(const Error*) override {}
};

}  // namespace

void Progress::end(const Error* failure) {
  if (std::exchange(ended_, true)) return;
  finish(failure);
}

void ProgressOption::configure(Options& options) {
  options.word("--progress", mode_, {"auto", "bar", "json", "none"},
               "on standard error: a bar only on a terminal, json is a line an event");
}

std::unique_ptr<Progress> ProgressOption::make(Console& console, std::string path) const {
  if (mode_ == "json")
    return std::make_unique<JsonProgress>(console.err(), std::move(path), ProgressClock::now);
  if (mode_ == "none" || !console.terminals().err) return std::make_unique<Silence>();
  return std::make_unique<LiveBar>(console.err(), std::move(path), ProgressClock::now,
                                   [] { return terminal_columns(STDERR_FILENO); });
}

}  // namespace sampan::cli
