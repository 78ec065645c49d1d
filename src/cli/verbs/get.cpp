#include "cli/verbs/get.h"

#include <optional>

#include <unistd.h>

#include "cli/options.h"
#include "cli/session.h"
#include "cli/transfer.h"
#include "client/download.h"
#include "client/remote_files.h"
#include "client/tree.h"

namespace sampan::cli {
namespace {

constexpr std::string_view standard_output = "-";
constexpr std::uint32_t directory_mode = 0777;  // less the umask, as mkdir makes them

}  // namespace

Description Get::describe() const {
  return {.name = "get",
          .summary = "download files; what an earlier run left unfinished is resumed",
          .operands = "REMOTE...",
          .least = 1,
          .most = any_number,
          .uses_server = true,
          .help =
              R"(A file is here under its name when it is whole, verified and on the disk; until
then what stood there stands.

Examples:
  sampan get reports/2026.pdf
  sampan get -r reports --to copy/    makes copy where it is missing
  sampan get site.tar --to - | tar x
)"};
}

void Get::configure(Options& options) {
  options.flag("-r,--recursive", recursive_, "directories, with everything below them");
  options.text("--to", to_, "LOCAL_DIR",
               "a directory; with / at its end it is made where it is missing; - is standard output");
  progress_.configure(options);
}

Result<disk::Directory> Get::target(std::size_t items) const {
  if (to_.empty()) return disk::Directory::open_trusted(".");
  auto there = disk::Directory::open_trusted(to_);
  if (there || there.error().code() != ErrorCode::not_found) return there;
  if (!to_.ends_with('/') && items == 1)
    return fail(ErrorCode::not_found, "to make the directory, end it with a /");
  return disk::Directory::make_trusted(to_, directory_mode);
}

int Get::run(Context& context, const Operands& operands) {
  const bool writes = to_ == standard_output;
  std::optional<disk::Directory> into;
  if (!writes) {
    auto directory = target(operands.size());
    if (!directory) return context.console.fail(describe().name, to_, directory.error());
    into = std::move(*directory);
  }
  ItemResults results(context.console, describe().name, operands.size());
  for (const std::string& remote : operands) {
    const auto progress = progress_.make(context.console, remote);
    const auto get = [&] {
      return writes ? write_item(context, remote, *progress)
                    : get_item(context, *into, remote, *progress, results);
    };
    if (!transfer(*progress, remote, results, get)) break;
  }
  return results.exit_code();
}

Result<> Get::write_item(Context& context, const std::string& remote, Progress& progress) const {
  const auto path = context.session.directory().join(remote);
  if (!path) return fail(path.error());
  const auto fetched = context.session.call(client::download_to, path->text(), STDOUT_FILENO, progress);
  if (!fetched) return fail(fetched.error());
  return {};
}

Result<> Get::get_item(Context& context, const disk::Directory& target, const std::string& remote,
                       Progress& progress, ItemResults& results) const {
  const auto path = context.session.directory().join(remote);
  if (!path) return fail(path.error());
  const std::string name(path->name());
  if (recursive_) {
    const auto entry = context.session.call(client::stat_file, path->text());
    if (!entry) return fail(entry.error());
    if (entry->type == "directory") {
      const std::string folder = to_.empty() ? "." : to_;
      const auto failed = [&](const std::string& item, const Error& error) {
        progress.give_way();
        results.failed_within(item, error);
      };
      const auto counts = context.session.call(client::download_tree, path->text(),
                                               name.empty() ? folder : folder + "/" + name, progress, failed);
      if (!counts) return fail(counts.error());
      return {};
    }
  }
  if (name.empty()) return fail(ErrorCode::is_a_directory, "-r fetches it with everything below it");
  const auto fetched = context.session.call(client::download_file, path->text(), target, name, progress);
  if (fetched) return {};
  if (fetched.error().code() == ErrorCode::is_a_directory && !recursive_)
    return fail(ErrorCode::is_a_directory, "-r fetches it with everything below it");
  return fail(fetched.error());
}

}  // namespace sampan::cli
