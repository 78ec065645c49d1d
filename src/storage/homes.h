#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "disk/directory.h"
#include "storage/home_source.h"

namespace sampan::storage {

/// All homes of a data directory. A home is opened at its user's first login and then shared by all of the
/// user's sessions. Thread-safe; may block.
class Homes final : public HomeSource {
 public:
  /// `homes` and `staging` lie on one file system.
  Homes(disk::Directory homes, disk::Directory staging, std::uint32_t chunk_size = upload_chunk_size)
      : homes_(std::move(homes)), staging_(std::move(staging)), chunk_size_(chunk_size) {}

  /// denied where it is missing, cannot be entered or is not a directory (a link to one is not).
  Result<std::shared_ptr<Home>> open(const std::string& user) override;

  /// Aborts uploads of all users that nobody holds and that were last fed before `before`, without opening
  /// homes for it.
  void expire_uploads(const FileTime& before);

 private:
  struct OpenHome {
    std::shared_ptr<Home> home;
    std::uint64_t inode = 0;  // a home that was purged and made anew is another one
    std::uint64_t device = 0;
  };

  disk::Directory homes_;
  disk::Directory staging_;
  const std::uint32_t chunk_size_;
  std::mutex mutex_;
  std::map<std::string, OpenHome> open_;  // guarded by mutex_
};

/// The directory of a new account, mode 0700; one that is there already is fine. denied where something else
/// stands in its place.
Result<> make_home(const disk::Directory& homes, const std::string& user);
/// Counts what a user keeps, uploads on their way included, from the disk alone. {0, 0} where there is no
/// home.
Result<Usage> count_home(const disk::Directory& homes, const disk::Directory& staging,
                         const std::string& user);
/// Deletes a home and its staged uploads with everything in them, for good. What cannot be deleted keeps
/// nothing else from going, and the error names it. not_found where there is neither.
Result<> purge_home(const disk::Directory& homes, const disk::Directory& staging, const std::string& user);

}  // namespace sampan::storage
