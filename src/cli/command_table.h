#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace sampan::cli {

/// The commands that exist in one place: on the command line, or in the shell. What is not in it is unknown.
class CommandTable {
 public:
  struct Row {
    Description description;
    std::unique_ptr<Command> (*make)();
  };

  template <class Verb>
  void add() {
    rows_.push_back(
        {Verb().describe(), []() -> std::unique_ptr<Command> { return std::make_unique<Verb>(); }});
  }

  const std::vector<Row>& rows() const { return rows_; }

  /// The row whose name is the first word, or the first two; null for none.
  const Row* find(std::span<const std::string> words) const;
  /// Whether `word` begins the names of a family ("user").
  bool has_family(std::string_view word) const;

 private:
  std::vector<Row> rows_;
};

/// How many words a name has: 1, or 2 for a family's.
std::size_t word_count(std::string_view name);

}  // namespace sampan::cli
