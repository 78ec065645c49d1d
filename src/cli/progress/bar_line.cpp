#include "cli/progress/bar_line.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/quantity.h"
#include "base/text.h"

namespace sampan::cli {
namespace {

constexpr std::size_t least_columns = 20;
constexpr std::size_t margin = 3;  // the last column stays free, and a ^C has room
constexpr std::size_t narrow_room = 57;
constexpr std::size_t gap = 2;
constexpr std::size_t bar_columns_least = 12;
constexpr std::size_t bar_columns_most = 40;

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

std::string time_text(const BarState& state, bool narrow) {
  if (state.verified && state.total > 0 && state.resumed == state.total) return narrow ? "same" : "unchanged";
  if (state.verified) return "in " + format_duration(state.elapsed);
  if (state.done >= state.total) return narrow ? "verify" : "verifying";
  return (narrow ? "" : "eta ") + (state.eta ? format_duration(*state.eta) : "-");
}

// Everything in its columns; a longer text keeps its length.
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
  const std::size_t room = std::max(columns, least_columns) - margin;
  const bool narrow = room < narrow_room;
  const std::size_t name_columns = narrow ? 8 : room / 4;
  const std::string percent = fmt::format("{:>3}%", percent_of(state));
  const std::string rate = fmt::format("{:>11}", format_size(state.rate) + "/s");
  const std::string time = padded_to(time_text(state, narrow), narrow ? 7 : 11);
  const std::string done = fmt::format("{:>10}", format_size(state.done));
  std::string more = " of " + format_size(state.total);
  if (state.resumed > 0) more += ", resumed at " + format_size(state.resumed);

  std::string line = padded_to(fit_width(printable(state.name), name_columns), name_columns);
  const auto left = [&] { return room - std::min(room, display_width(line)); };
  const auto add = [&](const std::string& field) {
    if (gap + field.size() <= left()) line += std::string(gap, ' ') + field;
  };
  add(percent);
  const auto spare = [&](std::size_t beside) { return left() - std::min(left(), beside); };
  const std::size_t needed = gap + rate.size() + gap + time.size();
  const bool has_bytes = spare(needed) >= gap + bar_columns_least + gap + done.size();
  const bool has_total = spare(needed) >= gap + bar_columns_least + gap + done.size() + more.size();
  const std::string bytes = !has_bytes ? "" : has_total ? done + more : done;
  const std::size_t behind = needed + (has_bytes ? gap + bytes.size() : 0);
  if (spare(behind) >= gap + bar_columns_least)
    add(bar(state, std::min(bar_columns_most, spare(behind) - gap)));
  if (has_bytes) add(bytes);
  add(rate);
  add(time);
  return padded_to(std::move(line), room);
}

}  // namespace sampan::cli
