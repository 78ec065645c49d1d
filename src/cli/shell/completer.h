#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table.h"

namespace sampan::cli {

/// A name that can be completed to.
struct CompletedName {
  std::string text;
  bool directory = false;  ///< then a "/" follows, and one may go on typing
  bool operator==(const CompletedName&) const = default;
};

/// Where names come from: the local disk, the server, a list in a test. What cannot be had is empty: a
/// completion reports nothing.
class NameSource {
 public:
  virtual ~NameSource() = default;
  /// The names in a directory, as it was typed: "", "reports/", "/a b/".
  virtual std::vector<CompletedName> names(const std::string& directory) = 0;
};

/// What the Tab key does to a line.
struct Completion {
  std::size_t from = 0;              ///< where the word under the cursor begins
  std::string text;                  ///< what takes its place, up to the cursor; quoted where it must be
  std::vector<std::string> choices;  ///< when there are several: their names
};

/// Completes commands, options, and the names that a command's operands stand for: LOCAL.. and FILE on this
/// machine, all others on the server.
class Completer {
 public:
  Completer(const CommandTable& commands, NameSource& local, NameSource& remote)
      : commands_(commands), local_(local), remote_(remote) {}

  /// `line` ends at the cursor.
  Completion complete(std::string_view line) const;

 private:
  std::vector<CompletedName> candidates(const std::vector<std::string>& words, const std::string& typed,
                                        std::string& kept) const;
  std::vector<CompletedName> option_names(const CommandTable::Row& row) const;

  const CommandTable& commands_;
  NameSource& local_;
  NameSource& remote_;
};

}  // namespace sampan::cli
