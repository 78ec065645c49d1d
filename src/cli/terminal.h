#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "cli/interrupts.h"

namespace sampan::cli {

/// The person at the terminal, who can be asked. Tests have one that answers from a list.
class Person {
 public:
  virtual ~Person() = default;
  /// Whether there is somebody to ask.
  virtual bool present() const = 0;
  /// One line, without its newline. denied where nobody is present, interrupted by Ctrl-C or the end of the
  /// input.
  virtual Result<std::string> ask(std::string_view question) = 0;
  /// The same without echo.
  virtual Result<Secret> ask_secret(std::string_view question) = 0;
};

/// "yes" or "y", in either case.
bool means_yes(std::string_view answer);

/// Asks on the process's controlling terminal, whatever standard input and output are.
class TerminalPerson final : public Person {
 public:
  explicit TerminalPerson(Interrupts& interrupts) : interrupts_(interrupts) {}
  bool present() const override;
  Result<std::string> ask(std::string_view question) override;
  Result<Secret> ask_secret(std::string_view question) override;

 private:
  Result<std::string> read_answer(std::string_view question, bool echo);
  Interrupts& interrupts_;
};

/// The columns of the terminal behind `fd` at this moment; 80 where it does not say.
std::size_t terminal_columns(int fd);

}  // namespace sampan::cli
