#include "cli/verbs/remove_directory.h"

#include "client/remote_files.h"

namespace sampan::cli {

Description RemoveDirectory::describe() const {
  return {.name = "rmdir",
          .summary = "delete an empty directory",
          .operands = "PATH",
          .least = 1,
          .most = 1,
          .uses_server = true};
}

Result<> RemoveDirectory::act(Context& context, const Operands& operands) {
  const auto path = context.session.directory().join_entry(operands[0]);
  if (!path) return fail(path.error());
  return context.session.call(client::remove_directory, path->text());
}

}  // namespace sampan::cli
