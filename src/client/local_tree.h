#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/progress.h"
#include "disk/directory.h"

namespace sampan::client {

/// One file or directory of a local tree.
struct LocalItem {
  std::string local;   ///< its path here
  std::string remote;  ///< and there
  disk::FileInfo info;
};

/// A local tree as it was when it was walked.
struct LocalTree {
  std::vector<LocalItem> directories;  ///< each behind the one that it is in: they can be made in this order
  std::vector<LocalItem> files;
  std::uint64_t bytes = 0;  ///< of the files
};

/// Walks `local`, whose place on the server is `remote`; names in the order of their bytes. Links are
/// followed; a directory that is one of those above it, and what is neither file nor directory, is told to
/// `on_failed`.
LocalTree walk_local_tree(const std::string& local, const std::string& remote, const OnFailed& on_failed);

}  // namespace sampan::client
