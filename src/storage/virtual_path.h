#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sampan::storage {

/// A path inside a home: a list of names. It cannot say "..", "." , "" or NUL, so it cannot leave the home;
/// `/` is the empty list.
class VirtualPath {
 public:
  VirtualPath() = default;

  /// Reads "/a/b", "a/b" (the same: everything starts at the home) with repeated or trailing slashes. invalid
  /// for a component ".." or ".", for NUL, for a name over 255 bytes, a path over 4095 bytes or 255
  /// components. Bytes are taken as they are: nothing is decoded or normalised.
  static Result<VirtualPath> parse(std::string_view text);

  bool is_root() const { return names_.empty(); }
  const std::vector<std::string>& names() const { return names_; }
  /// The last name; not of the root.
  const std::string& name() const { return names_.back(); }
  /// Of anything but the root.
  VirtualPath parent() const;
  bool starts_with(const VirtualPath& other) const;

  /// "/a/b": for people and replies.
  std::string text() const;
  /// "a/b": for a disk::Directory; "" is the home itself.
  std::string relative() const;

  auto operator<=>(const VirtualPath&) const = default;

 private:
  std::vector<std::string> names_;
};

}  // namespace sampan::storage
