#include "cli/command_options.h"

#include "cli/server_options.h"

namespace sampan::cli {

std::vector<OptionText> options_of(const CommandTable::Row& row, Place place) {
  const auto command = row.make();
  ServerOptions server;
  Options options;
  command->configure(options);
  if (row.description.uses_server && place == Place::command_line) server.configure(options);
  return options.spellings();
}

}  // namespace sampan::cli
