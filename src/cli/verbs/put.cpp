#include "cli/verbs/put.h"

#include <sys/stat.h>
#include <unistd.h>

#include "cli/local_path.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/transfer.h"
#include "client/remote_files.h"
#include "client/tree.h"
#include "client/upload.h"

namespace sampan::cli {
namespace {

constexpr std::string_view standard_input = "-";

bool is_directory(const std::string& local) {
  struct stat status = {};
  return ::stat(local.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Result<> send(Context& context, const client::Source& source, const RemotePath& path, Progress& progress) {
  const auto receipt = context.session.call(client::upload_file, source, path.text(), progress);
  if (!receipt) return fail(receipt.error());
  return {};
}

}  // namespace

Description Put::describe() const {
  return {.name = "put",
          .summary = "upload files; what an earlier run left unfinished is resumed",
          .operands = "LOCAL...",
          .least = 1,
          .most = any_number,
          .uses_server = true,
          .help =
              R"(A file is there under its name when it is whole, verified and on the server's
disk; until then what stood there stands. A file that is there already, the
same, is not sent again.

Examples:
  sampan put report.pdf
  sampan put -r photos --to /backup/    makes /backup where it is missing
  tar c . | sampan put - --to site.tar
)"};
}

void Put::configure(Options& options) {
  options.flag("-r,--recursive", recursive_, "directories, with everything below them");
  options.text("--to", to_, "REMOTE_DIR",
               "a directory; with / at its end it is made where it is missing. Of -: the file's path");
  progress_.configure(options);
}

Result<RemotePath> Put::target(Context& context, std::size_t items) const {
  if (to_.empty()) return context.session.directory();
  auto path = context.session.directory().join(to_);
  if (!path) return path;
  const auto there = context.session.call(client::stat_file, path->text());
  if (there && there->type == "directory") return path;
  if (there) return fail(ErrorCode::not_a_directory, "--to takes a directory");
  if (there.error().code() != ErrorCode::not_found) return fail(there.error());
  if (!to_.ends_with('/') && items == 1)
    return fail(ErrorCode::not_found, "to make the directory, end it with a /");
  const auto made = context.session.call(client::make_directory, path->text(), true);
  if (!made) return fail(made.error());
  return path;
}

int Put::run(Context& context, const Operands& operands) {
  if (operands.size() == 1 && operands[0] == standard_input) return put_standard_input(context);
  const auto into = target(context, operands.size());
  if (!into) return context.console.fail(describe().name, to_, into.error());
  ItemResults results(context.console, describe().name, operands.size());
  for (const std::string& local : operands) {
    const auto progress = progress_.make(context.console, local);
    const auto put = [&] { return put_item(context, *into, local, *progress, results); };
    if (!transfer(*progress, local, results, put)) break;
  }
  return results.exit_code();
}

int Put::put_standard_input(Context& context) const {
  if (to_.empty()) throw Misuse{"- needs --to PATH: the name it is to have"};
  ItemResults results(context.console, describe().name, 1);
  const auto progress = progress_.make(context.console, to_);
  const auto put = [&]() -> Result<> {
    const auto path = context.session.directory().join_entry(to_);
    if (!path) return fail(path.error());
    const auto source = client::spool(STDIN_FILENO);
    if (!source) return fail(source.error());
    return send(context, *source, *path, *progress);
  };
  transfer(*progress, to_, results, put);
  return results.exit_code();
}

Result<> Put::put_item(Context& context, const RemotePath& target, const std::string& local,
                       Progress& progress, ItemResults& results) const {
  if (local == standard_input) return fail(ErrorCode::invalid, "standard input goes alone, with --to PATH");
  const std::string name = local_name(local);
  const RemotePath path = name.empty() ? target : target.child(name);
  if (!is_directory(local)) {
    const auto source = client::open_source(local);
    if (!source) return fail(source.error());
    return send(context, *source, path, progress);
  }
  if (!recursive_) return fail(ErrorCode::is_a_directory, "-r sends it with everything below it");
  const auto failed = [&](const std::string& item, const Error& error) {
    progress.give_way();
    results.failed_within(item, error);
  };
  const auto counts = context.session.call(client::upload_tree, local, path.text(), progress, failed);
  if (!counts) return fail(counts.error());
  return {};
}

}  // namespace sampan::cli
