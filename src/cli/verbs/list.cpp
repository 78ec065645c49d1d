#include "cli/verbs/list.h"

#include "cli/entry_report.h"
#include "cli/options.h"
#include "client/remote_files.h"

namespace sampan::cli {
namespace {

// As ls does: a file is listed as itself.
Result<std::vector<wire::native::Entry>> entries_of(Session& session, const std::string& path) {
  auto entries = session.call(client::list_directory, path);
  if (entries || entries.error().code() != ErrorCode::not_a_directory) return entries;
  auto entry = session.call(client::stat_file, path);
  if (!entry) return fail(entry.error());
  return std::vector{std::move(*entry)};
}

}  // namespace

Description List::describe() const {
  return {.name = "ls",
          .summary = "list a directory",
          .operands = "[PATH]",
          .most = 1,
          .uses_server = true,
          .help = R"(Sorted by name. Names are made safe for a terminal: \n, \x1b; --json has them
exactly.

Examples:
  sampan ls -l reports
  sampan ls --json reports | jq -r '.[].name'
)"};
}

void List::configure(Options& options) {
  options.flag("-l", long_, "type, mode, size, time and name");
  options.flag("--json", json_, "an array of {name,type,size,mtime,mode}");
}

Result<> List::act(Context& context, const Operands& operands) {
  const auto path = context.session.directory().join(operands.empty() ? "." : operands[0]);
  if (!path) return fail(path.error());
  const auto entries = entries_of(context.session, path->text());
  if (!entries) return fail(entries.error());
  Console& console = context.console;
  if (json_)
    console.out() << entries_json(*entries);
  else
    console.out() << (long_ ? entries_long(*entries) : entries_short(*entries));
  if (entries->empty() && !json_ && console.terminals().err) console.note(path->text() + " is empty");
  return {};
}

}  // namespace sampan::cli
