#pragma once

#include <memory>
#include <string>

#include "disk/directory.h"

namespace sampan::disk {

/// A directory of a tree, however deep. A path ends at 4095 bytes, but a tree does not: a directory that is
/// moved takes its own depth along. So where the path gets long, the directory on the way is opened and the
/// path begins anew there.
class TreePlace {
 public:
  /// `path` below `top`, which outlives all places that come from this one.
  explicit TreePlace(const Directory& top, std::string path = {}) : base_(&top), path_(std::move(path)) {}

  /// The directory `name` of this one: itself and nothing that a link stands for. not_found, denied, busy.
  Result<TreePlace> child(const std::string& name) const;

  const Directory& base() const { return *base_; }
  const std::string& path() const { return path_; }
  /// What `name` in this directory is called below base().
  std::string path_of(const std::string& name) const { return path_.empty() ? name : path_ + "/" + name; }

 private:
  const Directory* base_;  // the top, or held_
  std::shared_ptr<const Directory> held_;
  std::string path_;
};

/// Removes the entry `name` of `base` with everything below it; of a link the link itself. What cannot be
/// removed keeps nothing else from going: the error is the first one's and names it by its path below `base`,
/// and says how many more there are. not_found where there is nothing.
Result<> remove_tree(const Directory& base, const std::string& name);

}  // namespace sampan::disk
