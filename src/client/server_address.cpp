#include "client/server_address.h"

#include "base/encoding.h"

namespace sampan::client {
namespace {

constexpr std::string_view tcp_scheme = "sampan://";
constexpr std::string_view unix_scheme = "sampan+unix://";

Result<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto byte = decode_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return fail(ErrorCode::invalid, "server: % needs two hex digits behind it");
    out += *byte;
    i += 2;
  }
  return out;
}

std::string encode_percent(std::string_view text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (plain.find(c) != plain.npos)
      out += c;
    else
      out += "%" + encode_hex(as_bytes(std::string_view(&c, 1)));
  }
  return out;
}

}  // namespace

std::string ServerAddress::text() const {
  const std::string name = encode_percent(user) + "@";
  return endpoint.is_unix() ? std::string(unix_scheme) + name + endpoint.path
                            : std::string(tcp_scheme) + name + endpoint.text();
}

Result<ServerAddress> parse_server_address(std::string_view text) {
  const bool local = text.starts_with(unix_scheme);
  if (!local && !text.starts_with(tcp_scheme))
    return fail(ErrorCode::invalid, "server \"" + std::string(text) + "\": use sampan://NAME@HOST[:PORT]");
  std::string_view rest = text.substr(local ? unix_scheme.size() : tcp_scheme.size());
  if (!local && rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t at = local ? rest.find('@') : rest.rfind('@');
  if (at == rest.npos || at == 0)
    return fail(ErrorCode::invalid, "server \"" + std::string(text) + "\": the user's NAME@ is missing");
  auto user = decode_percent(rest.substr(0, at));
  if (!user) return fail(user.error());
  const std::string where(rest.substr(at + 1));
  auto endpoint = net::parse_endpoint(local ? "unix:" + where : where, default_port);
  if (!endpoint) return fail(endpoint.error());
  if (!local && endpoint->is_unix()) return fail(ErrorCode::invalid, "use sampan+unix://NAME@PATH for a UNIX socket");
  return ServerAddress{std::move(*user), std::move(*endpoint)};
}

}  // namespace sampan::client
