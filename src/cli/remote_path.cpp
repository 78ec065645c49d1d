#include "cli/remote_path.h"

namespace sampan::cli {
namespace {

constexpr std::size_t path_max = 4095;  // docs/protocol.md

}  // namespace

Result<RemotePath> RemotePath::join(std::string_view text) const {
  if (text.empty()) return fail(ErrorCode::invalid, "the path is empty");
  if (text.contains('\0')) return fail(ErrorCode::invalid, "a path cannot hold a NUL");
  if (text.size() > path_max) return fail(ErrorCode::invalid, "a path longer than 4095 bytes");
  RemotePath path = text.starts_with('/') ? RemotePath() : *this;
  while (!text.empty()) {
    const std::size_t slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    if (part == "..")
      path = path.parent();
    else if (!part.empty() && part != ".")
      path = path.child(part);
    text = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  }
  return path;
}

Result<RemotePath> RemotePath::join_entry(std::string_view text) const {
  auto path = join(text);
  if (!path) return path;
  while (text.ends_with('/')) text.remove_suffix(1);
  const std::string last(text.substr(text.rfind('/') + 1));
  if (last.empty() || last == "." || last == "..")
    return fail(ErrorCode::invalid, "\"" + (last.empty() ? "/" : last) + "\" names no entry of a directory");
  return path;
}

RemotePath RemotePath::child(std::string_view name) const {
  RemotePath path = *this;
  if (path.text_ != "/") path.text_ += '/';
  path.text_ += name;
  return path;
}

std::string_view RemotePath::name() const {
  return std::string_view(text_).substr(text_.rfind('/') + 1);
}

RemotePath RemotePath::parent() const {
  RemotePath path;
  const std::size_t slash = text_.rfind('/');
  if (slash > 0) path.text_ = text_.substr(0, slash);
  return path;
}

}  // namespace sampan::cli
