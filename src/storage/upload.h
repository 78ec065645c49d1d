#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/file_store.h"

namespace sampan::storage {

class Home;

/// A chunked upload on its way. Its sessions (several connections of one user may feed it) share it; dropping
/// the last reference keeps what arrived for a resume. Thread-safe; may block.
class Upload {
 public:
  const std::string& id() const { return id_; }
  const FilePlan& plan() const { return plan_; }
  std::uint32_t chunk_size() const { return chunk_size_; }

  /// Whether nothing can be added to it any more: committed, superseded or thrown away. Never waits for a
  /// disk.
  bool is_over() const { return over_; }
  /// What is on the disk and intact. superseded.
  Result<std::vector<ChunkRun>> have() const;
  /// One chunk, checked against `digest` where there is one. invalid, wrong_digest, superseded, disk_full,
  /// io_error.
  Result<> accept(std::uint64_t index, ByteView bytes, const std::optional<Digest>& digest);
  /// Verifies the whole, makes it durable, renames it into place. incomplete (send the rest), wrong_digest
  /// (everything staged is thrown away: the bytes are not the ones that the sender meant), superseded,
  /// not_found (the directory is gone), is_a_directory; io_error, after which it is to be begun again.
  Result<Receipt> commit(const Digest& digest);

 private:
  friend class Home;
  Upload(Home& home, FilePlan plan, std::unique_ptr<StagedChunks> staged);
  void supersede();
  void end();  // mutex_ held
  std::uint64_t bytes_present() const;

  Home& home_;  // outlives every upload: sessions hold both
  const std::string id_;
  const FilePlan plan_;
  const std::uint32_t chunk_size_;

  mutable std::mutex mutex_;
  std::unique_ptr<StagedChunks> staged_;  // guarded by mutex_; none once committed or superseded
  std::atomic<bool> over_ = false;
};

}  // namespace sampan::storage
