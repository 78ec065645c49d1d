#include "cli/program.h"

#include <exception>

#include "cli/console.h"
#include "cli/dispatch.h"
#include "cli/help.h"

namespace sampan::cli {

int run_program(Context& context, const std::vector<std::string>& words) try {
  const std::string first = words.empty() ? "" : words.front();
  if (first == "--version") {
    context.console.out() << "sampan " SAMPAN_VERSION "\n";
    return context.console.flush() ? 0 : exit_code(ErrorCode::io_error);
  }
  if (first == "--help" || first == "-h") {
    context.console.out() << program_help(context.commands);
    return context.console.flush() ? 0 : exit_code(ErrorCode::io_error);
  }
  return dispatch(context, words, Place::command_line);
} catch (const std::bad_alloc&) {
  return context.console.fail("out of memory", {}, {ErrorCode::busy, "memory"});
} catch (const std::exception& error) {
  return context.console.fail("this should not happen", {}, {ErrorCode::io_error, error.what()});
}

}  // namespace sampan::cli
