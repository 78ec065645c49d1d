#include "cli/two_columns.h"

#include <ranges>

namespace sampan::cli {
namespace {

constexpr std::size_t width = 79;
constexpr std::size_t gap = 2;

}  // namespace

std::string two_columns(std::string first, std::size_t column, std::string_view text) {
  std::string lines;
  std::string line = std::move(first);
  const auto next_line = [&] {
    lines += line + "\n";
    line.clear();
  };
  if (line.size() + gap > column) next_line();
  line.resize(column, ' ');
  for (const auto range : std::views::split(text, ' ')) {
    const std::string_view word(range);
    if (line.size() > column && line.size() + 1 + word.size() > width) {
      next_line();
      line.resize(column, ' ');
    }
    if (line.size() > column) line += ' ';
    line += word;
  }
  next_line();
  return lines;
}

}  // namespace sampan::cli
