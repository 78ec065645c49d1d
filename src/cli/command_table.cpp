#include "cli/command_table.h"

#include <algorithm>
#include <ranges>

namespace sampan::cli {

std::size_t word_count(std::string_view name) {
  return name.contains(' ') ? 2 : 1;
}

namespace {

bool is_alias(const Description& description, std::string_view word) {
  return std::ranges::any_of(std::views::split(description.aliases, ' '),
                             [&](auto alias) { return std::string_view(alias) == word; });
}

}  // namespace

const CommandTable::Row* CommandTable::find(std::span<const std::string> words) const {
  if (words.empty()) return nullptr;
  for (const Row& row : rows_) {
    const std::string_view name = row.description.name;
    if (word_count(name) == 1 && (name == words[0] || is_alias(row.description, words[0]))) return &row;
    if (word_count(name) == 2 && words.size() > 1 && name == words[0] + " " + words[1]) return &row;
  }
  return nullptr;
}

bool CommandTable::has_family(std::string_view word) const {
  for (const Row& row : rows_)
    if (row.description.name.starts_with(std::string(word) + " ")) return true;
  return false;
}

}  // namespace sampan::cli
