#include "client/known_hosts.h"

#include <cstdlib>
#include <ranges>
#include <string_view>

#include "client/private_file.h"

namespace sampan::client {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// "HOST SHA256:..": the last space parts them, since a UNIX socket's path may hold others.
struct Line {
  std::string_view host;
  std::string_view fingerprint;
};

Line parse_line(std::string_view line) {
  while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t space = line.rfind(' ');
  if (space == line.npos || line.starts_with('#')) return {};
  return {line.substr(0, space), line.substr(space + 1)};
}

auto lines_of(const std::string& text) {
  return std::views::split(text, '\n') |
         std::views::transform([](auto part) { return std::string_view(part.begin(), part.end()); });
}

}  // namespace

Result<std::string> configuration_directory() {
  if (auto path = variable("XDG_CONFIG_HOME"); !path.empty()) return path + "/sampan";
  if (auto path = variable("HOME"); !path.empty()) return path + "/.config/sampan";
  return fail(ErrorCode::invalid,
              "neither XDG_CONFIG_HOME nor HOME is set: there is no place for known servers");
}

Result<std::optional<std::string>> KnownHosts::find(const std::string& host) const {
  const auto text = read_private_file(file_);
  if (!text) return fail(text.error());
  if (!*text) return std::nullopt;
  for (const std::string_view line : lines_of(**text))
    if (const Line known = parse_line(line); !known.host.empty() && known.host == host)
      return std::string(known.fingerprint);
  return std::nullopt;
}

Result<> KnownHosts::remember(const std::string& host, const std::string& fingerprint) const {
  const std::size_t slash = file_.rfind('/');
  const bool is_bare = slash == file_.npos;
  const auto directory = PrivateDirectory::lock(is_bare ? "." : file_.substr(0, slash));
  if (!directory) return fail(directory.error());
  const auto before = read_private_file(file_);
  if (!before) return fail(before.error());
  std::string text;
  if (*before)
    for (const std::string_view line : lines_of(**before))
      if (!line.empty() && parse_line(line).host != host) text.append(line).append("\n");
  text += host + " " + fingerprint + "\n";
  return directory->replace(is_bare ? file_ : file_.substr(slash + 1), text);
}

}  // namespace sampan::client
