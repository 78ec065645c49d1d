#pragma once

#include "storage/file_store.h"

namespace sampan::storage {

/// A home as an ordinary directory, so that an administrator sees the users' files as files; uploads on their
/// way lie in a staging directory beside the homes, on the same file system, where no user can see them.
class LocalFileStore final : public FileStore {
 public:
  LocalFileStore(disk::Directory home, disk::Directory staging, std::uint32_t chunk_size);

  Result<Usage> count() const override;
  Result<Entry> stat(const VirtualPath& path) const override;
  Result<Entry> link_stat(const VirtualPath& path) const override;
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
  Result<> recover() override;

 private:
  Result<std::optional<StagedUpload>> staged_upload(const std::string& name) const;

  disk::Directory home_;
  disk::Directory staging_;
  std::uint32_t chunk_size_;
};

}  // namespace sampan::storage
