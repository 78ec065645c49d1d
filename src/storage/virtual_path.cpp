#include "storage/virtual_path.h"

#include <algorithm>

namespace sampan::storage {
namespace {

constexpr std::size_t name_max = 255;
constexpr std::size_t path_max = 4095;
constexpr std::size_t depth_max = 255;

}  // namespace

Result<VirtualPath> VirtualPath::parse(std::string_view text) {
  if (text.size() > path_max) return fail(ErrorCode::invalid, "a path longer than 4095 bytes");
  if (text.find('\0') != text.npos) return fail(ErrorCode::invalid, "a path with a NUL byte");
  VirtualPath path;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('/'), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (name.empty()) continue;
    if (name == "." || name == "..")
      return fail(ErrorCode::invalid, "a path with a component \".\" or \"..\"");
    if (name.size() > name_max) return fail(ErrorCode::invalid, "a name longer than 255 bytes");
    if (path.names_.size() == depth_max)
      return fail(ErrorCode::invalid, "a path deeper than 255 directories");
    path.names_.emplace_back(name);
  }
  return path;
}

VirtualPath VirtualPath::parent() const {
  VirtualPath up = *this;
  up.names_.pop_back();
  return up;
}

bool VirtualPath::starts_with(const VirtualPath& other) const {
  return names_.size() >= other.names_.size() &&
         std::equal(other.names_.begin(), other.names_.end(), names_.begin());
}

std::string VirtualPath::text() const {
  return "/" + relative();
}

std::string VirtualPath::relative() const {
  std::string joined;
  for (const std::string& name : names_) {
    if (!joined.empty()) joined += '/';
    joined += name;
  }
  return joined;
}

}  // namespace sampan::storage
