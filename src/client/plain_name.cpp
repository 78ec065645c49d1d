#include "client/plain_name.h"

namespace sampan::client {
namespace {

constexpr std::size_t name_most = 255;

}  // namespace

bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > name_most || name == "." || name == "..") return false;
  return name.find('/') == name.npos && name.find('\0') == name.npos;
}

std::string path_below(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path != "/") path += '/';
  return path.append(name);
}

std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == path.npos) return {};
  return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

}  // namespace sampan::client
