#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace sampan::cli {

class CommandTable;
class Console;
class Options;
class Person;
class Session;

/// What a command works with; every part outlives it.
struct Context {
  const CommandTable& commands;  ///< the table that it was found in
  Console& console;
  Person& person;
  Session& session;  ///< connects when it is first used
  /// A person typed this very command: at the shell's prompt, or as a line of an interactive local shell.
  /// What cannot be undone is asked about then, and never in a script, wherever that runs.
  bool by_hand = false;
};

/// The words of a command line that are not options. They are taken as they are: no pattern, list or escape
/// means anything in them.
using Operands = std::vector<std::string>;

inline constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

/// What `help` says of a command and what its command line may hold.
struct Description {
  std::string_view name;            ///< "put"; of two words for a family: "user add"
  std::string_view summary;         ///< one line, no full stop
  std::string_view operands = {};   ///< as usage shows them: "LOCAL..."
  std::size_t least = 0, most = 0;  ///< how many operands
  bool uses_server = false;         ///< takes --server and its companions
  std::string_view help = {};       ///< what else its --help says: details, examples; ends in a newline
  std::string_view aliases = {};    ///< other names that people try, with a blank between: "quit bye"
};

/// A command line that cannot be: what is wrong with it. The dispatcher reports it as misuse, code 2.
struct Misuse {
  std::string what;
};

/// One verb. Made anew for each use: configure(), then run() with what configure's options have filled. To
/// add one: a class like those in cli/verbs, and a row in commands.cpp.
class Command {
 public:
  virtual ~Command() = default;
  virtual Description describe() const = 0;
  /// Declares the options, bound to members.
  virtual void configure(Options& options) { (void)options; }
  /// Does it, says what went wrong, gives the exit code. What it throws (a lost connection, a Misuse) the
  /// dispatcher reports.
  virtual int run(Context& context, const Operands& operands) = 0;
};

}  // namespace sampan::cli
