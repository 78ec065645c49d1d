#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/file_time.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "disk/directory.h"

namespace sampan::disk {

/// What staged whole files end in: a name with it that a killed process left behind may be removed.
inline constexpr std::string_view small_file_suffix = ".small";

/// A file that is here whole: written aside, synced, published by one rename. Dropped unpublished, it is
/// removed.
class SmallFile {
 public:
  /// Stages NAME.small in `staging`, which must outlive it. exists, disk_full, io_error.
  static Result<SmallFile> write(const Directory& staging, const std::string& name, ByteView bytes,
                                 std::uint32_t mode, const FileTime& mtime);
  SmallFile(SmallFile&& other) noexcept;
  SmallFile& operator=(SmallFile&&) = delete;
  ~SmallFile();

  int fd() const { return fd_.get(); }
  /// A hint: a later sync() of many files then waits once, not for each.
  void start_sync() const;
  /// Bytes, times and attributes to the disk.
  Result<> sync();
  /// Renames it to `path` below `target`, replacing a file there; the caller syncs the directory.
  Result<> publish(const Directory& target, const std::string& path);

 private:
  SmallFile(const Directory& staging, std::string name, UniqueFd fd);
  const Directory* staging_;  // none once published
  std::string name_;
  UniqueFd fd_;
};

}  // namespace sampan::disk
