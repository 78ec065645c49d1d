#include "cli/dispatch.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command_table.h"
#include "cli/console.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/server_options.h"
#include "cli/session.h"
#include "net/byte_stream.h"

namespace sampan::cli {
namespace {

void check_count(const Description& description, const Operands& operands) {
  if (operands.size() < description.least) throw Misuse{fmt::format("{} is missing", description.operands)};
  if (operands.size() > description.most)
    throw Misuse{description.most == 0 ? "takes no operands"
                                       : fmt::format("too many operands: {} is all", description.operands)};
}

int misuse(Context& context, Place place, std::string_view command, std::string_view what) {
  const std::string name(command);
  const std::string help = place == Place::shell
                               ? (name.empty() ? "help" : "help " + name)
                               : (name.empty() ? "sampan --help" : "sampan " + name + " --help");
  return context.console.misuse(command, what, help);
}

int report(Context& context, const Description& description, const Error& error) {
  return context.console.fail(description.name, {}, error);
}

int run(Context& context, const Description& description, Command& command, const Operands& operands) {
  try {
    const int code = command.run(context, operands);
    if (context.console.flush()) return code;
    return report(context, description, {ErrorCode::io_error, "standard output cannot be written"});
  } catch (const net::StreamError& error) {
    context.session.disconnect();
    return report(context, description, error.error());
  }
}

int dispatch_row(Context& context, const CommandTable::Row& row, std::span<const std::string> words,
                 Place place) {
  const Description& description = row.description;
  const auto command = row.make();
  Options options;
  command->configure(options);
  ServerOptions server;
  const bool chooses_server = description.uses_server && place == Place::command_line;
  if (chooses_server) server.configure(options);
  try {
    const auto operands = options.parse(words);
    if (!operands) throw Misuse{operands.error()};
    if (options.help_wanted()) {
      context.console.out() << command_help(description, options, place);
      return 0;
    }
    check_count(description, *operands);
    if (chooses_server) context.session.use(server);
    return run(context, description, *command, *operands);
  } catch (const Misuse& wrong) {
    return misuse(context, place, description.name, wrong.what);
  }
}

}  // namespace

int dispatch(Context& context, const std::vector<std::string>& words, Place place) {
  if (words.empty()) return misuse(context, place, {}, "no command");
  if (const auto* row = context.commands.find(words)) {
    const std::span rest = std::span(words).subspan(word_count(row->description.name));
    return dispatch_row(context, *row, rest, place);
  }
  if (context.commands.has_family(words[0])) {
    if (words.size() > 1 && (words[1] == "--help" || words[1] == "-h")) {
      context.console.out() << family_help(context.commands, words[0]);
      return 0;
    }
    return misuse(context, place, words[0], words.size() == 1 ? "what?" : "no such command: " + words[1]);
  }
  return misuse(context, place, {}, "no such command: " + words[0]);
}

}  // namespace sampan::cli
