#include "cli/verbs/move.h"

#include "cli/options.h"
#include "client/remote_files.h"

namespace sampan::cli {
namespace {

// An existing directory is moved into; "x/" must be one.
Result<RemotePath> destination(Session& session, const RemotePath& from, std::string_view typed) {
  const auto to = session.directory().join(typed);
  if (!to) return to;
  const auto there = session.call(client::stat_file, to->text());
  if (there && there->type == "directory") return to->child(from.name());
  if (there && typed.ends_with('/')) return fail(ErrorCode::not_a_directory, std::string(typed));
  if (!there && there.error().code() != ErrorCode::not_found) return fail(there.error());
  if (!there && typed.ends_with('/')) return fail(ErrorCode::not_found, std::string(typed));
  return to;
}

}  // namespace

Description Move::describe() const {
  return {.name = "mv",
          .summary = "rename a file or directory, or move it into a directory",
          .operands = "FROM TO",
          .least = 2,
          .most = 2,
          .uses_server = true};
}

void Move::configure(Options& options) {
  options.flag("-f,--force", force_, "replace a file that is there");
}

Result<> Move::act(Context& context, const Operands& operands) {
  const auto from = context.session.directory().join_entry(operands[0]);
  if (!from) return fail(from.error());
  const auto to = destination(context.session, *from, operands[1]);
  if (!to) return fail(to.error());
  auto moved = context.session.call(client::rename_file, from->text(), to->text(), bool{force_});
  if (!moved && moved.error().code() == ErrorCode::exists && !force_)
    return fail(ErrorCode::exists, to->text() + "; -f replaces a file");
  return moved;
}

}  // namespace sampan::cli
