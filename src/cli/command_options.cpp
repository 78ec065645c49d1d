#include "cli/command_options.h"

#include "cli/server_options.h"

namespace sampan::cli {

std::vector<OptionText> options_of(const CommandTable::Row& row, Place place) {
  const auto command = row.make();
  ServerOptions server;
  CLI::App options;
  options.set_help_flag();
  bool help = false;
  options.add_flag("-h,--help", help, "this help");
  command->configure(options);
  if (row.description.uses_server && place == Place::command_line) server.configure(options);
  std::vector<OptionText> texts;
  for (const CLI::Option* option : options.get_options()) {
    for (const std::string& name : option->get_snames())
      texts.push_back({"-" + name, option->get_option_text(), option->get_description()});
    for (const std::string& name : option->get_lnames())
      texts.push_back({"--" + name, option->get_option_text(), option->get_description()});
  }
  return texts;
}

}  // namespace sampan::cli
