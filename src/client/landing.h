#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "client/stage_lock.h"
#include "disk/directory.h"
#include "disk/part_file.h"
#include "disk/small_file.h"
#include "wire/native/message.h"

namespace sampan::client {

/// A small file that is here whole and right, under a hidden name, and needs only its sync and its own name.
class StagedSmall {
 public:
  StagedSmall(StageLock lock, disk::SmallFile file, std::string name)
      : lock_(std::move(lock)), file_(std::move(file)), name_(std::move(name)) {}

  void start_sync() const { file_.start_sync(); }
  Result<> sync() { return file_.sync(); }
  /// The caller syncs the directory. is_a_directory, io_error.
  Result<> publish(const disk::Directory& directory) { return file_.publish(directory, name_); }
  std::uint64_t size() const;

 private:
  StageLock lock_;
  disk::SmallFile file_;
  std::string name_;
};

/// The local end of one download: `name` in `directory`, and beside it a hidden place where its bytes are
/// until they are all there and right. The place follows from the name alone, so that whatever an earlier
/// attempt left, from this server or another, is taken up or replaced by the next, and nothing stays behind.
/// The directory outlives it.
class Landing {
 public:
  Landing(const disk::Directory& directory, std::string name);

  /// is_a_directory where the name is taken by one, before anything is fetched in vain.
  Result<> check() const;
  /// Takes up what an earlier attempt left, if anything; hashes all of it. busy where another process is at
  /// it.
  Result<> take_up();
  /// The part for the file that the server has now: the earlier one where it is of the very same bytes, else
  /// a new one. disk_full, busy.
  Result<disk::PartFile*> part_for(const wire::native::GetReady& file, std::uint32_t chunk_size);
  /// The part has every byte: to the disk, under its name, with mode and time, for good.
  Result<> publish_part();
  /// Nothing is left for another attempt.
  void discard();

  /// wrong_digest, busy, disk_full.
  Result<StagedSmall> stage(const wire::native::GetReady& file, ByteView bytes);

 private:
  const disk::Directory& directory_;
  std::string name_;
  std::string staged_;
  std::optional<StageLock> lock_;
  std::optional<disk::PartFile> part_;
};

}  // namespace sampan::client
