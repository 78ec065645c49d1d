#pragma once

#include "s16_upload_classes/command.h"

namespace sampan::s16_upload_classes {

/// A file for the inbox.
class Put final : public Command {
 public:
  net::Task<Result<std::string>> run(Session& session, const wire::tutorial::RequestHeader& request) override;
};

}  // namespace sampan::s16_upload_classes
