#pragma once

#include <map>
#include <mutex>

#include "storage/home_source.h"
#include "storage/testing/file_store_in_memory.h"

namespace sampan::storage::testing {

/// Homes without a disk. Whoever was given one has one.
class HomesInMemory final : public HomeSource {
 public:
  Home& make(const std::string& user) {
    auto store = std::make_unique<FileStoreInMemory>();
    FileStoreInMemory& kept = *store;
    auto home = *Home::open(std::move(store));
    const std::lock_guard lock(mutex_);
    return *homes_.insert_or_assign(user, Kept{std::move(home), &kept}).first->second.home;
  }
  /// What the home of that user stands on.
  FileStoreInMemory& store(const std::string& user) {
    const std::lock_guard lock(mutex_);
    return *homes_.at(user).store;
  }
  Result<std::shared_ptr<Home>> open(const std::string& user) override {
    const std::lock_guard lock(mutex_);
    const auto found = homes_.find(user);
    if (found == homes_.end()) return fail(ErrorCode::denied, "the home directory is missing");
    return found->second.home;
  }

 private:
  struct Kept {
    std::shared_ptr<Home> home;
    FileStoreInMemory* store = nullptr;  // the home's
  };

  std::mutex mutex_;
  std::map<std::string, Kept> homes_;  // guarded by mutex_
};

}  // namespace sampan::storage::testing
