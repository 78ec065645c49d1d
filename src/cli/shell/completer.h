#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table.h"
#include "cli/dispatch.h"
#include "cli/shell/words.h"

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

/// What the word under the cursor may become.
struct Candidates {
  enum class Kind {
    word,    ///< a command, an option, one of a few values
    local,   ///< a name on this machine
    remote,  ///< a name on the server
  };
  Kind kind = Kind::word;
  bool directories = false;          ///< only a directory will do
  std::string typed;                 ///< what is there of the word, without quotes
  std::string kept;                  ///< what of that stands before each name: the directory
  std::vector<CompletedName> names;  ///< sorted; each begins with what was typed, and is safe to show
};

/// What the Tab key does to a line.
struct Completion {
  std::size_t from = 0;  ///< where the word under the cursor begins
  std::string text;      ///< what takes its place, up to the cursor; a whole word, whatever it holds
  std::vector<std::string> choices;  ///< when there are several: their names
};

/// Completes commands, options and their values, and the names that a command's operands stand for. What a
/// word stands for, its placeholder in the usage says: LOCAL.., FILE, DIR are of this machine, REMOTE..,
/// PATH, FROM of the server, ..DIR directories alone, a|b is one of these.
class Completer {
 public:
  Completer(const CommandTable& commands, Place place, NameSource& local, NameSource& remote)
      : commands_(commands), place_(place), local_(local), remote_(remote) {}

  /// For the last word of a line that ends at the cursor.
  Candidates candidates(WordSplit line) const;

  /// For a line editor: `line` ends at the cursor.
  Completion complete(std::string_view line) const;

 private:
  std::vector<CompletedName> command_names(const std::vector<std::string>& words) const;
  void add_operands(Candidates& found, std::string_view stands_for) const;
  std::string placeholder(const CommandTable::Row& row, const std::vector<std::string>& words) const;

  const CommandTable& commands_;
  Place place_;
  NameSource& local_;
  NameSource& remote_;
};

}  // namespace sampan::cli
