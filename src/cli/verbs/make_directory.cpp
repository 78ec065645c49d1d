#include "cli/verbs/make_directory.h"

#include "cli/options.h"
#include "client/remote_files.h"

namespace sampan::cli {

Description MakeDirectory::describe() const {
  return {.name = "mkdir",
          .summary = "make a directory",
          .operands = "PATH",
          .least = 1,
          .most = 1,
          .uses_server = true};
}

void MakeDirectory::configure(Options& options) {
  options.flag("-p,--parents", parents_, "what is missing above it too; that it is there already is fine");
}

Result<> MakeDirectory::act(Context& context, const Operands& operands) {
  const auto path = context.session.directory().join_entry(operands[0]);
  if (!path) return fail(path.error());
  return context.session.call(client::make_directory, path->text(), bool{parents_});
}

}  // namespace sampan::cli
