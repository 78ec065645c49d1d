#include "base/quantity.h"

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace sampan {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::array units = {
    Unit{"", 1},
    Unit{"B", 1},
    Unit{"KiB", 1ULL << 10},
    Unit{"MiB", 1ULL << 20},
    Unit{"GiB", 1ULL << 30},
    Unit{"TiB", 1ULL << 40},
    Unit{"KB", 1'000},
    Unit{"MB", 1'000'000},
    Unit{"GB", 1'000'000'000},
    Unit{"TB", 1'000'000'000'000},
};

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t whole = 0;
  const char* end = text.data() + text.size();
  const auto [after, status] = std::from_chars(text.data(), end, whole);
  if (status != std::errc()) return std::nullopt;
  std::string_view rest(after, static_cast<std::size_t>(end - after));

  double fraction = 0;
  const bool has_fraction = rest.starts_with('.');
  if (has_fraction) {
    rest.remove_prefix(1);
    double place = 0.1;
    std::size_t digits = 0;
    for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits, place /= 10)
      fraction += (rest[digits] - '0') * place;
    if (digits == 0) return std::nullopt;
    rest.remove_prefix(digits);
  }
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  for (const Unit& unit : units) {
    if (rest != unit.name) continue;
    if (has_fraction && unit.bytes == 1) return std::nullopt;  // there is no half a byte
    if (whole > largest / unit.bytes) return std::nullopt;
    const std::uint64_t bytes = whole * unit.bytes;
    const auto more = static_cast<std::uint64_t>(fraction * static_cast<double>(unit.bytes) + 0.5);
    if (more > largest - bytes) return std::nullopt;
    return bytes + more;
  }
  return std::nullopt;
}

std::string format_size(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  constexpr std::array<std::string_view, 6> names = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // 1023.95 would be printed as 1024.0: the next unit says it better.
  while (value >= 1023.95 && unit + 1 < names.size()) {
    value /= 1024;
    ++unit;
  }
  const std::string number = fmt::format("{:.1f}", value);
  const bool round = value >= 999.95 || number.ends_with(".0");
  return fmt::format("{} {}", round ? fmt::format("{:.0f}", value) : number, names[unit]);
}

std::string format_duration(std::uint64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace sampan
