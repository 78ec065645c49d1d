#include "cli/console.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sampan::cli {

int Console::fail(std::string_view command, std::string_view item, const Error& error) {
  out_.flush();
  std::string line = "sampan: " + std::string(command);
  if (!item.empty()) line += " " + printable(item);
  err_ << line + ": " + printable(error.message()) + "\n" << std::flush;
  return exit_code(error.code());
}

int Console::misuse(std::string_view command, std::string_view what, std::string_view help) {
  out_.flush();
  const std::string separator = command.empty() ? "" : ": ";
  err_ << fmt::format("sampan: {}{}{}; see {}\n", command, separator, printable(what), help) << std::flush;
  return exit_code(ErrorCode::invalid);
}

void Console::note(std::string_view what) {
  err_ << "sampan: " + printable(what) + "\n" << std::flush;
}

bool Console::flush() {
  out_.flush();
  return out_.good();
}

}  // namespace sampan::cli
