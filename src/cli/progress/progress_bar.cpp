#include "cli/progress/progress_bar.h"

#include <cmath>

#include "cli/progress/bar_line.h"

namespace sampan::cli {

ProgressBar::~ProgressBar() {
  give_way();
}

void ProgressBar::begin(std::string_view, std::uint64_t total, std::uint64_t done) {
  state_.begin(total, done);
  if (state_.due()) draw(false);
}

void ProgressBar::advance(std::uint64_t bytes) {
  const bool missed = state_.done() < state_.total();
  state_.advance(bytes);
  const bool all_there =
      missed && state_.done() == state_.total();  // now it is verified, and that may take long
  if (state_.due() || all_there) draw(false);
}

void ProgressBar::give_way() {
  if (line_open_) terminal_ << '\n' << std::flush;
  line_open_ = false;
}

void ProgressBar::tick() {
  if (!line_open_) return;
  state_.tick();
  if (state_.due()) draw(false);
}

void ProgressBar::finish(const Error* failure) {
  if (!state_.begun()) return;
  if (failure == nullptr) state_.complete();
  draw(failure == nullptr);
  give_way();
}

void ProgressBar::draw(bool verified) {
  const BarState bar = {.name = path_,
                        .done = state_.done(),
                        .total = state_.total(),
                        .resumed = state_.resumed(),
                        .rate = verified ? state_.mean_rate() : state_.rate(),
                        .eta = state_.eta(),
                        .elapsed = static_cast<std::uint64_t>(std::ceil(state_.elapsed().count())),
                        .verified = verified};
  terminal_ << '\r' + bar_line(bar, columns_()) << std::flush;
  line_open_ = true;
}

}  // namespace sampan::cli
