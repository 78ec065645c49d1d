#include "cli/shell/directory_commands.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "base/system_error.h"
#include "base/text.h"
#include "client/remote_files.h"

namespace sampan::cli {

Description ChangeDirectory::describe() const {
  return {.name = "cd",
          .summary = "go to a directory on the server; alone: to the home",
          .operands = "[REMOTE_DIR]",
          .most = 1};
}

Result<> ChangeDirectory::act(Context& context, const Operands& operands) {
  const auto path = context.session.directory().join(operands.empty() ? "/" : operands[0]);
  if (!path) return fail(path.error());
  const auto enterable = context.session.call(client::look_into, path->text());
  if (!enterable) return fail(enterable.error());
  context.session.enter(*path);
  return {};
}

Description PrintDirectory::describe() const {
  return {.name = "pwd", .summary = "show where you are on the server"};
}

int PrintDirectory::run(Context& context, const Operands&) {
  context.console.out() << printable(context.session.directory().text()) + "\n";
  return 0;
}

Description ChangeLocalDirectory::describe() const {
  return {.name = "lcd",
          .summary = "go to a directory on this machine; alone: to your home",
          .operands = "[LOCAL_DIR]",
          .most = 1};
}

int ChangeLocalDirectory::run(Context& context, const Operands& operands) {
  const char* home = std::getenv("HOME");
  const std::string target = operands.empty() ? (home == nullptr ? "/" : home) : operands[0];
  if (chdir(target.c_str()) == 0) return 0;
  return context.console.fail("lcd", target, system_error(errno, "enter"));
}

Description PrintLocalDirectory::describe() const {
  return {.name = "lpwd", .summary = "show where you are on this machine"};
}

int PrintLocalDirectory::run(Context& context, const Operands&) {
  std::error_code error;
  const auto path = std::filesystem::current_path(error);
  if (error) return context.console.fail("lpwd", {}, system_error(error.value(), "look"));
  context.console.out() << printable(path.string()) + "\n";
  return 0;
}

Description ListLocal::describe() const {
  return {.name = "lls", .summary = "list a directory on this machine", .operands = "[LOCAL_DIR]", .most = 1};
}

int ListLocal::run(Context& context, const Operands& operands) {
  const std::string target = operands.empty() ? "." : operands[0];
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(target, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) return context.console.fail("lls", target, system_error(error.value(), "list"));
  std::ranges::sort(names);
  for (const std::string& name : names) context.console.out() << printable(name) + "\n";
  return 0;
}

Description Exit::describe() const {
  return {.name = "exit", .summary = "leave the shell; quit, bye and Ctrl-D do too", .aliases = "quit bye"};
}

int Exit::run(Context& context, const Operands&) {
  context.session.leave();
  return 0;
}

}  // namespace sampan::cli
