#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sampan::cli {

/// What a progress bar shows at one moment.
struct BarState {
  std::string name = {};   ///< a file's, or what a whole tree is called; from anywhere
  std::uint64_t done = 0;  ///< bytes
  std::uint64_t total = 0;
  std::uint64_t resumed = 0;              ///< bytes that an earlier run had brought
  std::uint64_t rate = 0;                 ///< bytes a second
  std::optional<std::uint64_t> eta = {};  ///< seconds
  std::uint64_t elapsed = 0;              ///< seconds that it took, once it is verified
  bool verified = false;                  ///< the receipt is there: only then 100 %
};

/// floor(100 * done / total); 100 only where it is verified, else at most 99.
unsigned percent_of(const BarState& state);

/// One line that fills `columns` - 3 columns, for 40 columns or more; fewer are taken as they come, with what
/// fits: name, percentage, bar, bytes, rate, remaining time. So no terminal wraps it, also when it echoes a
/// ^C behind it, and the line before is covered. Each field has its place, so that those of several files
/// stand below each other; what does not fit goes in the order bytes, bar, time, rate.
std::string bar_line(const BarState& state, std::size_t columns);

}  // namespace sampan::cli
