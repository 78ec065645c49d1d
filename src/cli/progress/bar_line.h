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
  bool verified = false;                  ///< the receipt is there: only then 100 %
};

/// floor(100 * done / total); 100 only where it is verified, else at most 99.
unsigned percent_of(const BarState& state);

/// One line that fills `columns` - 1 columns (so that no terminal wraps it, and that the line before is
/// covered), for 20 columns or more: name, percentage, bar, rate, remaining time, bytes. The name is cut to a
/// quarter; what does not fit goes in the order bytes, bar, time, rate.
std::string bar_line(const BarState& state, std::size_t columns);

}  // namespace sampan::cli
