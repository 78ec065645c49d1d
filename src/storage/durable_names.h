#pragma once

#include <mutex>
#include <set>

#include "storage/file_store.h"

namespace sampan::storage {

/// Makes changed names durable. A directory that the disk would not sync stays on a list and is synced before
/// anything is promised again: a receipt for a file in it would be worth nothing. Thread-safe; may block.
class DurableNames {
 public:
  explicit DurableNames(FileStore& store) : store_(store) {}

  /// Syncs `directory`, and what is in doubt. io_error. A directory that is gone needs no sync.
  Result<> sync(const VirtualPath& directory);
  /// Only what is in doubt: mostly nothing.
  Result<> settle();

 private:
  FileStore& store_;
  std::mutex mutex_;
  std::set<VirtualPath> doubtful_;  // guarded by mutex_
};

}  // namespace sampan::storage
