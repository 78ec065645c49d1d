#include "cli/local_path.h"

namespace sampan::cli {

std::string local_name(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name == "." || name == "..") return {};
  return std::string(name);
}

}  // namespace sampan::cli
