#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "storage/file_store.h"

namespace sampan::storage::testing {

/// A home without a disk, for the tests of what stands on the seam. It keeps the contract of FileStore, which
/// file_store_test.cpp holds it and LocalFileStore to; it knows no links, as nobody can make one through the
/// seam. Nothing survives the object.
class FileStoreInMemory final : public FileStore {
 public:
  explicit FileStoreInMemory(std::uint32_t chunk_size = upload_chunk_size);
  ~FileStoreInMemory() override;

  /// After `steps` more that read bytes or change something, so many such steps fail with `code`.
  void fail_with(ErrorCode code, std::size_t steps = 0, std::size_t failures = SIZE_MAX);
  void mend();

  Result<Usage> count() const override;
  Result<Entry> stat(const VirtualPath& path) const override;
  Result<Entry> link_stat(const VirtualPath& path) const override { return stat(path); }
  Result<EntryPage> list(const VirtualPath& path, std::int64_t cursor, std::size_t limit) const override;
  Result<std::unique_ptr<StoredFile>> open(const VirtualPath& path) const override;
  Result<> check_writable(const VirtualPath& path) const override;
  Result<> make_directory(const VirtualPath& path) override;
  Result<> remove_directory(const VirtualPath& path) override;
  Result<> remove_file(const VirtualPath& path) override;
  Result<> rename(const VirtualPath& from, const VirtualPath& to, bool replace) override;
  Result<> set_mtime(const VirtualPath& path, const FileTime& mtime) override;
  Result<> set_mode(const VirtualPath& path, std::uint32_t mode) override;
  Result<> sync_directory(const VirtualPath& path) override;
  Result<std::unique_ptr<StagedFile>> stage_whole(const FilePlan& plan, ByteView bytes) override;
  Result<std::unique_ptr<StagedChunks>> stage_chunks(const FilePlan& plan) override;
  Result<std::unique_ptr<StagedChunks>> resume_chunks(const FilePlan& plan) override;
  Result<> discard_staged(const VirtualPath& path) override;
  Result<std::vector<StagedUpload>> list_staged() const override;
  Result<> recover() override { return {}; }

 private:
  struct Node;
  struct Part;
  class OpenFile;
  class Whole;
  class Chunks;
  using Bytes = std::shared_ptr<const std::string>;

  // With mutex_ held.
  Result<> check_disk() const;
  Result<> check_parent(const VirtualPath& path) const;
  Result<const Node*> find(const VirtualPath& path) const;
  Result<Node*> find(const VirtualPath& path);
  bool has_children(const VirtualPath& path) const;
  Result<> place(const VirtualPath& path, Node node);
  void changed_in(const VirtualPath& directory);

  const std::uint32_t chunk_size_;
  mutable std::mutex mutex_;
  std::optional<ErrorCode> failure_;  // guarded by mutex_, like all below
  // Reading is a step too.
  mutable std::size_t steps_before_it_ = 0;
  mutable std::size_t failures_left_ = 0;
  std::int64_t next_serial_ = 1;
  std::map<VirtualPath, Node> nodes_;
  std::map<VirtualPath, std::shared_ptr<Part>> staged_;
};

}  // namespace sampan::storage::testing
