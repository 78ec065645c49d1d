#pragma once

#include <ostream>
#include <string_view>

#include "base/error.h"

namespace sampan::cli {

/// Where a command speaks: results on `out`, everything else on `err`. Errors are one line each, and say
/// what, why and, where there is one, the way out. One thread.
class Console {
 public:
  struct Terminals {
    bool in = false, out = false, err = false;  ///< which of the three is a terminal
  };

  Console(std::ostream& out, std::ostream& err, Terminals terminals)
      : out_(out), err_(err), terminals_(terminals) {}

  std::ostream& out() { return out_; }
  std::ostream& err() { return err_; }
  const Terminals& terminals() const { return terminals_; }

  /// "sampan: put report.pdf: quota exceeded: ..". `item` may be empty, may come from anywhere: it is made
  /// printable. Gives the exit code.
  int fail(std::string_view command, std::string_view item, const Error& error);
  /// A line of usage: "sampan: put: LOCAL is missing; see sampan put --help". `help` is the command line that
  /// says more. Gives the exit code, 2.
  int misuse(std::string_view command, std::string_view what, std::string_view help);
  /// "sampan: what" on standard error: not an error, but for the person.
  void note(std::string_view what);

  /// Whether everything written to `out` so far has arrived; a full disk behind a redirection is an error
  /// like any other.
  bool flush();

 private:
  std::ostream& out_;
  std::ostream& err_;
  Terminals terminals_;
};

}  // namespace sampan::cli
