#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "accounts/failed_logins.h"
#include "base/log.h"
#include "base/result.h"
#include "net/endpoint.h"

namespace sampan::server {

inline constexpr std::uint16_t native_port = 7267;

/// A `--listen` URL: "sampan://HOST:PORT" or "sampan+unix:PATH".
struct ListenUrl {
  net::Endpoint endpoint;
  std::string text() const;  ///< as it is printed and as a client takes it
};

/// invalid, naming what is wrong; unsupported for a protocol that this build does not have.
Result<ListenUrl> parse_listen_url(std::string_view text);

/// What peers can choose is bounded by these; all have defaults that suit a small server.
struct ServerLimits {
  std::size_t sessions = 4096;  ///< at once, logged in or not
  std::size_t sessions_per_user = 256;
  std::chrono::seconds login_deadline{30};
  accounts::LoginLimits logins;
  std::chrono::seconds transfer_silence{25};  ///< no byte for so long in the middle of a request or transfer
  std::chrono::seconds idle{900};             ///< no request for so long
  std::chrono::hours upload_expiry{24};
};

struct Configuration {
  std::string data;                 ///< the data directory; empty: DataDirectory::default_path()
  std::string user;                 ///< whom a server started by root works as; empty: whoever started it
  std::vector<std::string> listen;  ///< URLs; empty: every protocol on 127.0.0.1 and its default port
  log::Format log_format = log::Format::text;
  log::Level log_level = log::Level::info;
  std::chrono::seconds grace{10};  ///< for running transfers after SIGTERM
  std::string tls_certificate;     ///< PEM files; both or neither
  std::string tls_key;
  std::size_t threads = 0;  ///< event loops; 0: one per core
  ServerLimits limits;
  std::string file;  ///< where it was read from, for SIGHUP; empty: nowhere
};

/// Reads a TOML file over `defaults`; its keys are the names of `sampan serve --help`. Unknown keys are
/// refused, naming them and the line: a misspelt limit must not be silently absent. not_found, denied,
/// invalid.
Result<Configuration> read_configuration(const std::string& file, Configuration defaults);

}  // namespace sampan::server
