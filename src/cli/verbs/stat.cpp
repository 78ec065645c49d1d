#include "cli/verbs/stat.h"

#include "cli/entry_report.h"
#include "cli/options.h"
#include "client/remote_files.h"

namespace sampan::cli {

Description Stat::describe() const {
  return {.name = "stat",
          .summary = "show what a file or directory is",
          .operands = "PATH",
          .least = 1,
          .most = 1,
          .uses_server = true};
}

void Stat::configure(Options& options) {
  options.flag("--json", json_, "one {path,name,type,size,mtime,mode}");
}

Result<> Stat::act(Context& context, const Operands& operands) {
  const auto path = context.session.directory().join(operands[0]);
  if (!path) return fail(path.error());
  const auto entry = context.session.call(client::stat_file, path->text());
  if (!entry) return fail(entry.error());
  context.console.out() << (json_ ? stat_json(path->text(), *entry) : stat_lines(path->text(), *entry));
  return {};
}

}  // namespace sampan::cli
