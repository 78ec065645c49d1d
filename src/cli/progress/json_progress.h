#pragma once

#include <ostream>
#include <string>

#include <boost/json/object.hpp>

#include "cli/progress/progress.h"
#include "cli/progress/transfer_state.h"

namespace sampan::cli {

/// One JSON object a line: {"event":"progress","path","done","total","rate","eta"} at most ten times a
/// second, then {"event":"done",..} or
/// {"event":"failed",..,"error","message"}. eta is null while there is no rate. A transfer that failed before
/// it began has only the last line.
class JsonProgress final : public Progress {
 public:
  JsonProgress(std::ostream& out, std::string path, Now now)
      : out_(out), path_(std::move(path)), state_(std::move(now)) {}

  void begin(std::string_view name, std::uint64_t total, std::uint64_t done) override;
  void advance(std::uint64_t bytes) override;

 private:
  void finish(const Error* failure) override;
  boost::json::object event(std::string_view what) const;
  void tell(const boost::json::object& event);

  std::ostream& out_;
  std::string path_;
  TransferState state_;
};

}  // namespace sampan::cli
