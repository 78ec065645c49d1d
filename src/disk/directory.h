#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "base/file_time.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace sampan::disk {

enum class FileType : std::uint8_t { file, directory, link, other };

/// What stat(2) says, as far as Sampan cares.
struct FileInfo {
  FileType type = FileType::other;
  std::uint64_t size = 0;  ///< bytes; of a link, the length of its target
  FileTime mtime;
  FileTime ctime;          ///< of the latest change of anything about it, which nobody can set back
  std::uint32_t mode = 0;  ///< permission bits only, 07777
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  std::uint64_t links = 1;  ///< hard links
};

FileInfo info_of(const struct stat& status);

struct DirectoryEntry {
  std::string name;  ///< bytes as the file system has them
  FileInfo info;     ///< of the entry itself: a link is a link
};

struct DirectoryPage {
  std::vector<DirectoryEntry> entries;  ///< in the file system's order, without "." and ".."
  std::int64_t next = 0;                ///< where to go on; 0 at the end
};

/// A directory as a capability: whoever holds one may act below it and nowhere else. Every path is relative,
/// its components joined by "/", and is resolved by the kernel with openat2(RESOLVE_BENEATH |
/// RESOLVE_NO_MAGICLINKS): "..", absolute paths and symbolic links that lead out are refused with denied,
/// also while somebody swaps directories for links. The empty path is the directory itself. Moves, does not
/// copy; safe to use from several threads at once.
class Directory {
 public:
  /// Opens by an ordinary path: for the operator's own paths, never for a peer's.
  static Result<Directory> open_trusted(const std::string& path);
  /// The same, and makes it (and what is missing above it) with `mode` if it is not there, durably.
  static Result<Directory> make_trusted(const std::string& path, std::uint32_t mode);

  /// not_found, not_a_directory, denied.
  Result<Directory> open_directory(const std::string& path) const;
  /// The directory of that one name, itself and nothing that a link stands for; it can be read and entered.
  /// not_found, not_a_directory, denied.
  Result<Directory> open_real_directory(const std::string& name) const;
  /// Opens regular files only, without following out: a FIFO, socket or device is not_a_file and is left
  /// alone, a directory is is_a_directory. With O_CREAT a new file is private (0600); the target of a link
  /// that leads out is never made.
  Result<UniqueFd> open_file(const std::string& path, int flags) const;

  /// Follows links that stay below.
  Result<FileInfo> stat(const std::string& path) const;
  /// Of the name itself: a link is a link.
  Result<FileInfo> link_stat(const std::string& path) const;
  /// Up to `limit` entries from `cursor` (0: the start) on. Entries that vanish meanwhile are left out.
  /// invalid where `limit` is 0, or `cursor` cannot be one.
  Result<DirectoryPage> list(const std::string& path, std::int64_t cursor, std::size_t limit) const;

  // Changes of names. A power cut may undo them until sync() or sync_parent() has synced the directories that
  // they are in; an error says that nothing has changed.

  /// Private (0700), whatever the umask. exists, not_found (no parent), denied.
  Result<> make_directory(const std::string& path) const;
  /// not_found, not_empty, not_a_directory.
  Result<> remove_directory(const std::string& path) const;
  /// Removes a file, a link itself, or anything else that is not a directory; gives what stood there.
  Result<FileInfo> remove_file(const std::string& path) const;
  /// Within this directory. exists where `to` is taken and not `replace`; invalid where both are one file.
  Result<> rename(const std::string& from, const std::string& to, bool replace) const;
  /// Moves `from` of this directory to `to` below `target`, on the same file system, replacing a file that
  /// stands there.
  Result<> move_to(const std::string& from, const Directory& target, const std::string& to) const;
  /// denied where nothing may be made in or removed from the directory `path`.
  Result<> check_writable(const std::string& path) const;

  /// Of the name itself; set_mode of a link is denied. A file with another name besides (a hard link) is
  /// denied for both: its attributes are not this directory's alone.
  Result<> set_times(const std::string& path, const FileTime& mtime) const;
  Result<> set_mode(const std::string& path, std::uint32_t mode) const;

  /// fsync(2) of the directory `path`.
  Result<> sync(const std::string& path) const;
  /// fsync(2) of the directory that holds the last component of `path`.
  Result<> sync_parent(const std::string& path) const;

  int fd() const { return fd_.get(); }

 private:
  explicit Directory(UniqueFd fd) : fd_(std::move(fd)) {}
  struct Place;  // an open parent and one last name
  Result<Place> place(const std::string& path) const;

  UniqueFd fd_;
};

}  // namespace sampan::disk
