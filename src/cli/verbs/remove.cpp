#include "cli/verbs/remove.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/item_results.h"
#include "cli/options.h"
#include "cli/session.h"
#include "client/remote_files.h"

namespace sampan::cli {
namespace {

Result<> remove(Context& context, const std::string& typed) {
  const auto path = context.session.directory().join_entry(typed);
  if (!path) return fail(path.error());
  auto removed = context.session.call(client::remove_file, path->text());
  if (!removed && removed.error().code() == ErrorCode::is_a_directory)
    return fail(ErrorCode::is_a_directory, "rmdir deletes an empty one");
  return removed;
}

}  // namespace

Description Remove::describe() const {
  return {.name = "rm",
          .summary = "delete files",
          .operands = "PATH...",
          .least = 1,
          .most = any_number,
          .uses_server = true,
          .help =
              R"(Asks first where a person typed it at a terminal; a script, and -f, are never
asked. Names are taken as they are: * is a star. Of a link, the link itself
goes. An upload on its way to a name is no file yet, and stays.

Examples:
  sampan rm old.txt reports/2019.pdf
  sampan rm -- -x
)"};
}

void Remove::configure(Options& options) {
  options.flag("-f,--force", force_, "do not ask");
}

int Remove::run(Context& context, const Operands& operands) {
  ItemResults results(context.console, describe().name, operands.size());
  const bool asks = context.by_hand && !force_;
  for (const std::string& typed : operands) {
    if (asks) {
      const auto answer = context.person.ask(fmt::format("delete {}? [y/N] ", printable(typed)));
      if (!answer) return context.console.fail(describe().name, typed, answer.error());
      if (!means_yes(*answer)) continue;
    }
    if (const auto removed = remove(context, typed); !removed) results.failed(typed, removed.error());
  }
  return results.exit_code();
}

}  // namespace sampan::cli
