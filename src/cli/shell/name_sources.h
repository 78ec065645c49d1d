#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "cli/session.h"
#include "cli/shell/completer.h"

namespace sampan::cli {

/// The names on this machine, seen from the process's working directory; "~/" is the home.
class LocalNames final : public NameSource {
 public:
  std::vector<CompletedName> names(const std::string& directory) override;
};

/// The names on the server. A listing is kept for some seconds: Tab is often pressed twice.
class RemoteNames final : public NameSource {
 public:
  explicit RemoteNames(Session& session) : session_(session) {}
  std::vector<CompletedName> names(const std::string& directory) override;
  /// A command may have changed what is there.
  void forget() { kept_.clear(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Kept {
    Clock::time_point time;
    std::vector<CompletedName> names;
  };
  static constexpr std::chrono::seconds fresh{5};

  Session& session_;
  std::map<std::string, Kept> kept_;  // by absolute path
};

}  // namespace sampan::cli
