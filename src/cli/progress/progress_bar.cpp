#include "cli/progress/progress_bar.h"

#include "cli/progress/bar_line.h"

namespace sampan::cli {

ProgressBar::~ProgressBar() {
  if (line_open_) terminal_ << '\n' << std::flush;
}

void ProgressBar::begin(std::string_view, std::uint64_t total, std::uint64_t done) {
  state_.begin(total, done);
  if (state_.due()) draw(false);
}

void ProgressBar::advance(std::uint64_t bytes) {
  state_.advance(bytes);
  if (state_.due()) draw(false);
}

void ProgressBar::finish(const Error* failure) {
  if (!state_.begun()) return;
  if (failure == nullptr) state_.complete();
  draw(failure == nullptr);
  terminal_ << '\n' << std::flush;
  line_open_ = false;
}

void ProgressBar::draw(bool verified) {
  const BarState bar = {.name = path_,
                        .done = state_.done(),
                        .total = state_.total(),
                        .resumed = state_.resumed(),
                        .rate = state_.rate(),
                        .eta = state_.eta(),
                        .verified = verified};
  terminal_ << '\r' + bar_line(bar, columns_()) << std::flush;
  line_open_ = true;
}

}  // namespace sampan::cli
