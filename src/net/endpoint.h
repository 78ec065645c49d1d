#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sampan::net {

/// Where to listen or to connect: a host and port, or a path in the file system. Never resolved here.
struct Endpoint {
  std::string host;        ///< a name or an address, IPv6 without brackets; empty with a path
  std::uint16_t port = 0;  ///< 0 to listen: any free one
  std::string path;        ///< a UNIX socket's; at most 107 bytes

  bool is_unix() const { return !path.empty(); }
  /// "127.0.0.1:7267", "[::1]:7267", "unix:PATH".
  std::string text() const;
  bool operator==(const Endpoint&) const = default;
};

/// Reads "HOST:PORT", "[V6]:PORT", "HOST" (then `default_port`) or "unix:PATH". invalid, saying what is
/// wrong.
Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port);

}  // namespace sampan::net
