#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "storage/file_store.h"

namespace sampan::storage::testing {

/// Where a step of another thread stands still until the test lets it go on.
class Gate {
 public:
  /// The other thread is here, and waits.
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void wait_for_arrivals(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

/// A store whose earlier uploads take as long to be hashed again as the test wants, and whose directories are
/// synced when and as it wants.
class GatedStore final : public FileStore {
 public:
  GatedStore(std::unique_ptr<FileStore> store, Gate& resuming) : store_(std::move(store)), gate_(resuming) {}

  /// Called for each sync, on its thread; an error is what the disk says.
  void set_on_sync(std::function<Result<>(const VirtualPath&)> on_sync) { on_sync_ = std::move(on_sync); }

  Result<std::unique_ptr<StagedChunks>> resume_chunks(const FilePlan& plan) override {
    gate_.pass();
    return store_->resume_chunks(plan);
  }

  Result<Usage> count() const override { return store_->count(); }
  Result<Entry> stat(const VirtualPath& path) const override { return store_->stat(path); }
  Result<Entry> link_stat(const VirtualPath& path) const override { return store_->link_stat(path); }
  Result<EntryPage> list(const VirtualPath& path, std::int64_t cursor, std::size_t limit) const override {
    return store_->list(path, cursor, limit);
  }
  Result<std::unique_ptr<StoredFile>> open(const VirtualPath& path) const override {
    return store_->open(path);
  }
  Result<> check_writable(const VirtualPath& path) const override { return store_->check_writable(path); }
  Result<> make_directory(const VirtualPath& path) override { return store_->make_directory(path); }
  Result<> remove_directory(const VirtualPath& path) override { return store_->remove_directory(path); }
  Result<> remove_file(const VirtualPath& path) override { return store_->remove_file(path); }
  Result<> rename(const VirtualPath& from, const VirtualPath& to, bool replace) override {
    return store_->rename(from, to, replace);
  }
  Result<> set_mtime(const VirtualPath& path, const FileTime& mtime) override {
    return store_->set_mtime(path, mtime);
  }
  Result<> set_mode(const VirtualPath& path, std::uint32_t mode) override {
    return store_->set_mode(path, mode);
  }
  Result<> sync_directory(const VirtualPath& path) override {
    if (auto said = on_sync_(path); !said) return said;
    return store_->sync_directory(path);
  }
  Result<std::unique_ptr<StagedFile>> stage_whole(const FilePlan& plan, ByteView bytes) override {
    return store_->stage_whole(plan, bytes);
  }
  Result<std::unique_ptr<StagedChunks>> stage_chunks(const FilePlan& plan) override {
    return store_->stage_chunks(plan);
  }
  Result<> discard_staged(const VirtualPath& path) override { return store_->discard_staged(path); }
  Result<std::vector<StagedUpload>> list_staged() const override { return store_->list_staged(); }
  Result<> recover() override { return store_->recover(); }

 private:
  std::unique_ptr<FileStore> store_;
  Gate& gate_;
  std::function<Result<>(const VirtualPath&)> on_sync_ = [](const VirtualPath&) { return Result<>(); };
};

}  // namespace sampan::storage::testing
