#include "client/known_hosts.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "client/profiles.h"

namespace sampan::client {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

Result<std::string> configuration_directory() {
  if (auto path = variable("XDG_CONFIG_HOME"); !path.empty()) return path + "/sampan";
  if (auto path = variable("HOME"); !path.empty()) return path + "/.config/sampan";
  return fail(ErrorCode::invalid, "neither XDG_CONFIG_HOME nor HOME is set: there is no place for known servers");
}

Result<std::optional<std::string>> KnownHosts::find(const std::string& host) const {
  std::ifstream file(file_);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::string fingerprint;
    if (words >> name >> fingerprint && name == host) return fingerprint;
  }
  return std::nullopt;
}

Result<> KnownHosts::remember(const std::string& host, const std::string& fingerprint) const {
  std::string text;
  std::ifstream file(file_);
  for (std::string line; std::getline(file, line);)
    if (!line.starts_with(host + " ")) text += line + "\n";
  text += host + " " + fingerprint + "\n";
  const std::size_t slash = file_.rfind('/');
  return write_private_file(file_.substr(0, slash), file_.substr(slash + 1), text);
}

}  // namespace sampan::client
