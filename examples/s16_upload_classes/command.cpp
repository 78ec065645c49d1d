#include "s16_upload_classes/command.h"

namespace sampan::s16_upload_classes {

void CommandTable::add(std::string name, std::unique_ptr<Command> command) {
  commands_.emplace(std::move(name), std::move(command));
}

Command* CommandTable::find(const std::string& name) const {
  const auto found = commands_.find(name);
  return found == commands_.end() ? nullptr : found->second.get();
}

}  // namespace sampan::s16_upload_classes
