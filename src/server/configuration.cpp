#include "server/configuration.h"

#include <functional>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace sampan::server {
namespace {

constexpr std::string_view native_scheme = "sampan://";
constexpr std::string_view unix_scheme = "sampan+unix:";

Error at(const toml::node& node, std::string_view key, std::string_view what) {
  return {ErrorCode::invalid, fmt::format("line {}: {}: {}", node.source().begin.line, key, what)};
}

// A key's reader: puts the value where it belongs, or says what it should have been.
using Reader = std::function<std::optional<std::string>(const toml::node&)>;

Reader text_into(std::string& to) {
  return [&to](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.value_exact<std::string>();
    if (!value) return "a text in quotes is needed";
    to = *value;
    return std::nullopt;
  };
}

template <class Number>
Reader number_into(std::int64_t least, std::int64_t most, Number set) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < least || *value > most)
      return fmt::format("a number from {} to {} is needed", least, most);
    set(*value);
    return std::nullopt;
  };
}

template <class Duration>
Reader duration_into(Duration& to, std::int64_t most) {
  return number_into(1, most, [&to](std::int64_t value) { to = Duration(value); });
}

Reader count_into(std::size_t& to, std::int64_t most) {
  return number_into(1, most, [&to](std::int64_t value) { to = static_cast<std::size_t>(value); });
}

template <class Value>
Reader word_into(Value& to, std::map<std::string, Value> words) {
  return [&to, words = std::move(words)](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.value_exact<std::string>();
    if (value && words.contains(*value)) {
      to = words.at(*value);
      return std::nullopt;
    }
    std::string choice;
    for (const auto& [word, unused] : words) choice += (choice.empty() ? "" : ", ") + word;
    return "one of: " + choice;
  };
}

Reader texts_into(std::vector<std::string>& to) {
  return [&to](const toml::node& node) -> std::optional<std::string> {
    const toml::array* array = node.as_array();
    if (array == nullptr) return "a list of texts is needed";
    to.clear();
    for (const toml::node& item : *array) {
      const auto value = item.value_exact<std::string>();
      if (!value) return "a list of texts is needed";
      to.push_back(*value);
    }
    return std::nullopt;
  };
}

std::map<std::string, Reader, std::less<>> readers_of(Configuration& to) {
  using Level = log::Level;
  constexpr std::int64_t day = 86'400;
  return {
      {"data", text_into(to.data)},
      {"user", text_into(to.user)},
      {"listen", texts_into(to.listen)},
      {"log-format",
       word_into<log::Format>(to.log_format, {{"text", log::Format::text}, {"json", log::Format::json}})},
      {"log-level", word_into<Level>(to.log_level, {{"debug", Level::debug},
                                                    {"info", Level::info},
                                                    {"warning", Level::warning},
                                                    {"error", Level::error}})},
      {"grace", number_into(0, day, [&to](std::int64_t value) { to.grace = std::chrono::seconds(value); })},
      {"tls-cert", text_into(to.tls_certificate)},
      {"tls-key", text_into(to.tls_key)},
      {"threads", count_into(to.threads, 1024)},
      {"sessions", count_into(to.limits.sessions, 1'000'000)},
      {"sessions-per-user", count_into(to.limits.sessions_per_user, 1'000'000)},
      {"login-deadline", duration_into(to.limits.login_deadline, 3600)},
      {"login-failures", count_into(to.limits.logins.failures, 100)},
      {"login-failures-within", duration_into(to.limits.logins.within, day)},
      {"login-pause", duration_into(to.limits.logins.pause, day)},
      {"transfer-silence", duration_into(to.limits.transfer_silence, 3600)},
      {"idle", duration_into(to.limits.idle, 30 * day)},
      {"upload-expiry-hours", duration_into(to.limits.upload_expiry, 24 * 365)},
  };
}

}  // namespace

std::string ListenUrl::text() const {
  return endpoint.is_unix() ? std::string(unix_scheme) + endpoint.path
                            : std::string(native_scheme) + endpoint.text();
}

Result<ListenUrl> parse_listen_url(std::string_view text) {
  if (text.starts_with(unix_scheme)) {
    const auto endpoint = net::parse_endpoint("unix:" + std::string(text.substr(unix_scheme.size())), 0);
    if (!endpoint) return fail(endpoint.error());
    return ListenUrl{*endpoint};
  }
  if (text.starts_with(native_scheme)) {
    const auto endpoint = net::parse_endpoint(text.substr(native_scheme.size()), native_port);
    if (!endpoint) return fail(endpoint.error());
    return ListenUrl{*endpoint};
  }
  for (const std::string_view later : {"ftp://", "https://"})
    if (text.starts_with(later))
      return fail(ErrorCode::unsupported, std::string(later) + " is not in this version");
  return fail(ErrorCode::invalid,
              "listen URL \"" + std::string(text) + "\": use sampan://HOST:PORT or sampan+unix:PATH");
}

Result<Configuration> read_configuration(const std::string& file, Configuration defaults) {
  toml::table table;
  try {
    table = toml::parse_file(file);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::invalid,
                fmt::format("{}: line {}: {}", file, error.source().begin.line, error.description()));
  }
  Configuration configuration = std::move(defaults);
  configuration.file = file;
  const auto readers = readers_of(configuration);
  for (const auto& [key, node] : table) {
    const auto reader = readers.find(key.str());
    if (reader == readers.end()) return fail(at(node, key.str(), "no such setting; see sampan serve --help"));
    if (const auto wrong = reader->second(node)) return fail(at(node, key.str(), *wrong));
  }
  return configuration;
}

}  // namespace sampan::server
