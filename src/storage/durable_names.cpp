#include "storage/durable_names.h"

namespace sampan::storage {
namespace {

Result<> sync_if_there(FileStore& store, const VirtualPath& directory) {
  auto synced = store.sync_directory(directory);
  if (synced) return synced;
  const ErrorCode code = synced.error().code();
  const bool gone = code == ErrorCode::not_found || code == ErrorCode::not_a_directory;
  return gone ? Result<>() : synced;
}

}  // namespace

Result<> DurableNames::sync(const VirtualPath& directory) {
  if (auto synced = sync_if_there(store_, directory); !synced) {
    const std::lock_guard lock(mutex_);
    doubtful_.insert(directory);
    return synced;
  }
  return settle();
}

Result<> DurableNames::settle() {
  // Held while the disk is asked: until it has answered, the others may not promise anything either.
  const std::lock_guard lock(mutex_);
  while (!doubtful_.empty()) {
    if (auto synced = sync_if_there(store_, *doubtful_.begin()); !synced) return synced;
    doubtful_.erase(doubtful_.begin());
  }
  return {};
}

}  // namespace sampan::storage
