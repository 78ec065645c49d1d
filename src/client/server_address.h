#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/endpoint.h"

namespace sampan::client {

inline constexpr std::uint16_t default_port = 7267;

/// Who, and where: "sampan://NAME@HOST[:PORT]", "sampan+unix://NAME@PATH", or what `serve` prints with the
/// user behind it, "sampan+unix:PATH?user=NAME". NAME is percent-encoded where it must be (RFC 3986).
struct ServerAddress {
  std::string user;
  net::Endpoint endpoint;

  /// As it is read.
  std::string text() const;
  /// The server alone, as known hosts keep it: "HOST:PORT".
  std::string host() const { return endpoint.text(); }
};

/// invalid, saying what is missing.
Result<ServerAddress> parse_server_address(std::string_view text);

}  // namespace sampan::client
