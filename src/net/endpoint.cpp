#include "net/endpoint.h"

#include <algorithm>
#include <charconv>

namespace sampan::net {
namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::size_t unix_path_max = 107;  // sun_path less its NUL

Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || value > 65535)
    return fail(ErrorCode::invalid, "port \"" + std::string(text) + "\": a number from 0 to 65535 is needed");
  return static_cast<std::uint16_t>(value);
}

}  // namespace

std::string Endpoint::text() const {
  if (is_unix()) return std::string(unix_prefix) + path;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  if (text.starts_with(unix_prefix)) {
    const std::string_view path = text.substr(unix_prefix.size());
    if (path.empty()) return fail(ErrorCode::invalid, "unix: needs a path");
    if (path.size() > unix_path_max)
      return fail(ErrorCode::invalid, "a UNIX socket's path has at most 107 bytes");
    return Endpoint{"", 0, std::string(path)};
  }
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return fail(ErrorCode::invalid, "\"" + std::string(text) + "\": a ] is missing");
    host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    has_port = rest.starts_with(':');
    if (!rest.empty() && !has_port)
      return fail(ErrorCode::invalid, "\"" + std::string(text) + "\": use [ADDRESS]:PORT");
    if (has_port) port = rest.substr(1);
  } else if (std::ranges::count(text, ':') > 1) {
    return fail(ErrorCode::invalid, "an IPv6 address goes in brackets: [" + std::string(text) + "]");
  } else if (const std::size_t colon = text.find(':'); colon != text.npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    has_port = true;
  }
  if (host.empty()) return fail(ErrorCode::invalid, "\"" + std::string(text) + "\": a host is missing");
  if (!has_port) return Endpoint{std::string(host), default_port, ""};
  const auto number = parse_port(port);
  if (!number) return fail(number.error());
  return Endpoint{std::string(host), *number, ""};
}

}  // namespace sampan::net
