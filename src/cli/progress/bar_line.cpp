#include "cli/progress/bar_line.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/quantity.h"
#include "base/text.h"

namespace sampan::cli {
namespace {

constexpr std::size_t least_columns = 20;
constexpr std::size_t bar_columns_least = 12;
constexpr std::size_t bar_columns_most = 16;
constexpr std::size_t gap = 2;

// done / total of `parts`, without overflow.
std::uint64_t share(std::uint64_t done, std::uint64_t total, std::uint64_t parts) {
  if (total == 0) return parts;
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(static_cast<Wide>(std::min(done, total)) * parts / total);
}

// "[===###>    ]": = came with an earlier run, # with this one.
std::string bar(const BarState& state, std::size_t columns) {
  const std::size_t inner = columns - 2;
  const std::size_t filled = share(state.done, state.total, inner);
  const std::size_t resumed = std::min<std::size_t>(filled, share(state.resumed, state.total, inner));
  const bool full = filled == inner;
  std::string text = "[" + std::string(resumed, '=') + std::string(filled - resumed, '#');
  if (!full) text += ">" + std::string(inner - filled - 1, ' ');
  return text + "]";
}

std::string eta_text(const BarState& state) {
  if (state.verified) return "done";
  return state.eta ? "eta " + format_duration(*state.eta) : "eta -";
}

std::string padded_to(std::string text, std::size_t columns) {
  const std::size_t width = display_width(text);
  if (width < columns) text.append(columns - width, ' ');
  return text;
}

}  // namespace

unsigned percent_of(const BarState& state) {
  if (state.verified) return 100;
  return static_cast<unsigned>(std::min<std::uint64_t>(share(state.done, state.total, 100), 99));
}

std::string bar_line(const BarState& state, std::size_t columns) {
  const std::size_t room = std::max(columns, least_columns) - 1;
  const std::string name = printable(state.name);
  const std::size_t name_columns = std::min(display_width(name), std::max<std::size_t>(room / 4, 8));
  // Of fixed widths, so that the fields behind do not dance: "100%", "1023 KiB/s", "eta 1:02:03".
  const std::string percent = fmt::format("{:>3}%", percent_of(state));
  const std::string rate = fmt::format("{:>10}", format_size(state.rate) + "/s");
  const std::string eta = fmt::format("{:<9}", eta_text(state));

  std::string line = padded_to(fit_width(name, name_columns), name_columns);
  const auto left = [&] { return room - std::min(room, display_width(line)); };
  const auto add = [&](const std::string& field) {
    if (gap + field.size() <= left()) line += std::string(gap, ' ') + field;
  };
  add(percent);
  const std::size_t needed = gap + rate.size() + gap + eta.size();
  if (left() >= needed + gap + bar_columns_least)
    add(bar(state, std::min(bar_columns_most, left() - needed - gap)));
  add(rate);
  add(eta);
  add(format_size(state.done) + " of " + format_size(state.total));
  if (state.resumed > 0) add("resumed at " + format_size(state.resumed));
  return padded_to(std::move(line), room);
}

}  // namespace sampan::cli
