#include "client/local_tree.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <utility>

#include <sys/stat.h>

#include "base/system_error.h"
#include "client/plain_name.h"

namespace sampan::client {
namespace {

class Walk {
 public:
  Walk(LocalTree& tree, const OnFailed& on_failed) : tree_(tree), on_failed_(on_failed) {}

  void item(const std::string& local, const std::string& remote) {
    struct stat status {};
    if (::stat(local.c_str(), &status) != 0) return on_failed_(local, system_error(errno, "open"));
    LocalItem item = {local, remote, disk::info_of(status)};
    switch (item.info.type) {
      case disk::FileType::directory:
        return directory(std::move(item));
      case disk::FileType::file:
        tree_.bytes += item.info.size;
        tree_.files.push_back(std::move(item));
        return;
      case disk::FileType::link:
      case disk::FileType::other:
        return on_failed_(local, ErrorCode::not_a_file);
    }
  }

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;

  void directory(LocalItem item) {
    const Identity identity(item.info.device, item.info.inode);
    if (!above_.insert(identity).second)
      return on_failed_(item.local, Error(ErrorCode::invalid, "a link to a directory that it is in"));
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator at(item.local, error), end; !error && at != end;
         at.increment(error))
      names.push_back(at->path().filename().string());
    if (error) on_failed_(item.local, system_error(error.value(), "list"));
    std::ranges::sort(names);
    const std::string local = item.local;
    const std::string remote = item.remote;
    tree_.directories.push_back(std::move(item));
    for (const std::string& name : names) this->item(path_below(local, name), path_below(remote, name));
    above_.erase(identity);
  }

  LocalTree& tree_;
  const OnFailed& on_failed_;
  std::set<Identity> above_;  // of the directories that the walk is in
};

}  // namespace

LocalTree walk_local_tree(const std::string& local, const std::string& remote, const OnFailed& on_failed) {
  std::string_view from = local;
  while (from.size() > 1 && from.ends_with('/')) from.remove_suffix(1);
  LocalTree tree;
  Walk(tree, on_failed).item(std::string(from), remote);
  return tree;
}

}  // namespace sampan::client
