#include "client/server_address.h"

#include <algorithm>

#include "base/encoding.h"

namespace sampan::client {
namespace {

constexpr std::string_view tcp_scheme = "sampan://";
constexpr std::string_view unix_scheme = "sampan+unix://";
constexpr std::string_view unix_listen_scheme = "sampan+unix:";  // as `serve` prints it
constexpr std::string_view user_query = "?user=";

Result<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto byte = decode_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1)
      return fail(ErrorCode::invalid, "server: % needs two hex digits behind it");
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

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// The two halves of what was typed, not yet understood.
struct Halves {
  std::string_view user;
  std::string_view where;
};

// RFC 3986 section 3.2.2: a host's letters have no case, and known hosts must find it again.
void lower(std::string& host) {
  for (char& c : host)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
}

Halves split(std::string_view text) {
  if (text.starts_with(tcp_scheme)) {
    text.remove_prefix(tcp_scheme.size());
    if (text.ends_with('/')) text.remove_suffix(1);
    const std::size_t at = text.rfind('@');
    return at == text.npos ? Halves{{}, text} : Halves{text.substr(0, at), text.substr(at + 1)};
  }
  if (text.starts_with(unix_scheme)) {
    text.remove_prefix(unix_scheme.size());
    const std::size_t at = text.find('@');
    return at == text.npos ? Halves{{}, text} : Halves{text.substr(0, at), text.substr(at + 1)};
  }
  text.remove_prefix(unix_listen_scheme.size());
  const std::size_t query = text.rfind(user_query);
  if (query == text.npos) return {{}, text};
  return {text.substr(query + user_query.size()), text.substr(0, query)};
}

}  // namespace

std::string ServerAddress::text() const {
  const std::string name = encode_percent(user) + "@";
  return endpoint.is_unix() ? std::string(unix_scheme) + name + endpoint.path
                            : std::string(tcp_scheme) + name + endpoint.text();
}

Result<ServerAddress> parse_server_address(std::string_view text) {
  const std::string quoted = "server \"" + std::string(text) + "\"";
  const bool local = text.starts_with(unix_listen_scheme);
  if (!local && !text.starts_with(tcp_scheme))
    return fail(ErrorCode::invalid, quoted + ": use sampan://NAME@HOST[:PORT]");
  const Halves halves = split(text);
  auto user = decode_percent(halves.user);
  if (!user) return fail(user.error());
  if (user->empty()) return fail(ErrorCode::invalid, quoted + ": the user's NAME@ is missing");
  if (has_control(*user) || has_control(halves.where))
    return fail(ErrorCode::invalid, quoted + ": control characters");
  const std::string where(halves.where);
  auto endpoint = net::parse_endpoint(local ? "unix:" + where : where, default_port);
  if (!endpoint) return fail(endpoint.error());
  if (!local && endpoint->is_unix())
    return fail(ErrorCode::invalid, "use sampan+unix://NAME@PATH for a UNIX socket");
  lower(endpoint->host);
  return ServerAddress{std::move(*user), std::move(*endpoint)};
}

}  // namespace sampan::client
