#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace sampan::client {

/// $XDG_CONFIG_HOME/sampan, or ~/.config/sampan: where a client keeps what it remembers, mode 0700. invalid
/// where neither is set.
Result<std::string> configuration_directory();

/// The keys of servers that this user has met: a text file of lines "HOST:PORT SHA256:BASE64", mode 0600.
class KnownHosts {
 public:
  explicit KnownHosts(std::string file) : file_(std::move(file)) {}

  /// The key's fingerprint, or nothing for a server not met yet. denied, io_error.
  Result<std::optional<std::string>> find(const std::string& host) const;
  /// Remembers it, replacing an earlier one; atomic.
  Result<> remember(const std::string& host, const std::string& fingerprint) const;
  const std::string& file() const { return file_; }

 private:
  std::string file_;
};

}  // namespace sampan::client
