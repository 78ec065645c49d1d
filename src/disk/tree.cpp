#include "disk/tree.h"

#include <optional>
#include <utility>
#include <vector>

namespace sampan::disk {
namespace {

constexpr std::size_t long_path = 2048;
constexpr std::size_t page_size = 1024;
constexpr int rounds_most = 8;

/// Goes through the tree without recursion: no stack is as deep as a tree can be.
class TreeRemoval {
 public:
  explicit TreeRemoval(const Directory& base) : base_(base) {}

  Result<> run(const std::string& name) {
    enter(TreePlace(base_, name), name);
    while (!levels_.empty()) {
      if (levels_.back().directories.empty())
        leave();
      else
        descend();
    }
    if (!first_) return {};
    const std::string others = count_ == 1 ? "" : ", and " + std::to_string(count_ - 1) + " more";
    return fail(first_->code(), first_->detail() + others);
  }

 private:
  struct Level {
    TreePlace place;
    std::string name;
    std::vector<std::string> directories;  // that are still to go
    int rounds = 0;
    bool stays = false;  // for something in it stays
  };

  // By its path below base_. What is gone already was to go.
  void stays(const std::string& name, const Error& error) {
    if (error.code() == ErrorCode::not_found) return;
    if (!levels_.empty()) levels_.back().stays = true;
    ++count_;
    if (first_) return;
    std::string path;
    for (const Level& level : levels_) path += level.name + "/";
    first_ = Error(error.code(), path + name + (error.detail().empty() ? "" : ": " + error.detail()));
  }

  void enter(TreePlace place, const std::string& name) {
    levels_.push_back({std::move(place), name, {}});
    remove_files();
  }

  // All is listed before anything goes: a cursor need not stand a removal.
  void remove_files() {
    Level& level = levels_.back();
    ++level.rounds;
    std::vector<std::string> files;
    std::int64_t cursor = 0;
    do {
      const auto page = level.place.base().list(level.place.path(), cursor, page_size);
      if (!page) return stays("", page.error());
      for (const DirectoryEntry& entry : page->entries)
        (entry.info.type == FileType::directory ? level.directories : files).push_back(entry.name);
      cursor = page->next;
    } while (cursor != 0);
    for (const std::string& name : files)
      if (auto removed = level.place.base().remove_file(level.place.path_of(name)); !removed)
        stays(name, removed.error());
  }

  void descend() {
    Level& level = levels_.back();
    const std::string name = std::move(level.directories.back());
    level.directories.pop_back();
    auto place = level.place.child(name);
    if (place)
      enter(std::move(*place), name);
    else
      stays(name, place.error());
  }

  // Nothing that can go is below any more, unless somebody has put something there meanwhile.
  void leave() {
    Level& level = levels_.back();
    const std::string name = level.name;
    const bool with_something = level.stays;
    const Level* above = levels_.size() == 1 ? nullptr : &levels_[levels_.size() - 2];
    const auto removed = with_something     ? Result<>()
                         : above != nullptr ? above->place.base().remove_directory(above->place.path_of(name))
                                            : base_.remove_directory(name);
    if (!removed && removed.error().code() == ErrorCode::not_empty && level.rounds < rounds_most)
      return remove_files();
    levels_.pop_back();
    if (!removed) stays(name, removed.error());
    if (with_something && !levels_.empty()) levels_.back().stays = true;
  }

  const Directory& base_;
  std::vector<Level> levels_;  // from the top to where we are
  std::optional<Error> first_;
  std::size_t count_ = 0;
};

}  // namespace

Result<TreePlace> TreePlace::child(const std::string& name) const {
  TreePlace below = *this;
  below.path_ = path_of(name);
  if (below.path_.size() <= long_path) return below;
  auto opened = base_->open_real_directory(below.path_);
  if (!opened) return fail(opened.error());
  below.held_ = std::make_shared<const Directory>(std::move(*opened));
  below.base_ = below.held_.get();
  below.path_.clear();
  return below;
}

Result<> remove_tree(const Directory& base, const std::string& name) {
  const auto there = base.link_stat(name);
  if (!there) return fail(there.error());
  if (there->type == FileType::directory) return TreeRemoval(base).run(name);
  if (auto removed = base.remove_file(name); !removed) return fail(removed.error());
  return {};
}

}  // namespace sampan::disk
