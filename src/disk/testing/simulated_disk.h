#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "disk/testing/simulated_media.h"

namespace sampan::disk::testing {

/// What goes wrong, and when.
struct Fault {
  std::uint64_t call = 0;  ///< the n-th system call from arm() on, the first being 1; 0: none
  int error = 0;           ///< errno; the call then does nothing else
  bool lasting = false;    ///< every later call fails likewise
  bool short_write =
      false;  ///< first, a write that takes only half; `error`, if any, comes with the calls after
};

/// A disk in memory that takes the place of the kernel's below root_path: a program linked with the library
/// sampan_simulated_disk sends its file system calls here whenever they name that path or a descriptor that
/// was opened below it. So the rooms under test run unchanged, without a hook of their own, while a test
/// makes any single call fail or takes the power away between two of them.
///
/// Copies are independent disks without open files. One thread at a time.
class SimulatedDisk {
 public:
  static constexpr std::string_view root_path = "/simulated-disk";

  SimulatedDisk() = default;
  SimulatedDisk(const SimulatedDisk& other) : media_(other.media_) {}
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;
  ~SimulatedDisk() = default;

  /// Counts calls from here on, and lets this one go wrong.
  void arm(const Fault& fault);
  /// All is well again; open files stay open.
  void disarm() { arm({}); }
  std::uint64_t calls() const { return calls_; }  ///< since arm()
  bool struck() const { return struck_; }         ///< whether the fault has met a call

  /// Files and directories are left as the survival says, and no open descriptor is good any more.
  void cut_power(const Survival& survival);
  void sync_all() { media_.sync_all(); }

  std::size_t open_descriptors() const { return open_.size(); }

  struct Node {
    bool directory = false;
    std::string bytes;
    std::uint32_t mode = 0;
    std::int64_t mtime = 0;  ///< nanoseconds; 0 for directories
    bool operator==(const Node&) const = default;
  };
  /// Everything below `path` by its relative path: what an administrator would see. Not counted as calls.
  std::map<std::string, Node> tree(const std::string& path) const;

  bool owns(int descriptor) const { return descriptor >= first_descriptor; }
  static bool owns(std::string_view path);

  // The system calls: a result, or an errno negated.
  int open(const char* path, int flags, mode_t mode);
  int openat(int at, const char* path, int flags, mode_t mode);
  int openat2(int at, const char* path, std::uint64_t flags, std::uint64_t mode);
  int close(int descriptor);  // tidy-allow: named after the call that it stands in for
  int fstat(int descriptor, struct stat* status);
  int fstatat(int at, const char* path, struct stat* status);
  ssize_t pread(int descriptor, void* room, std::size_t size, off_t offset);
  ssize_t pwrite(int descriptor, const void* bytes, std::size_t size, off_t offset);
  ssize_t write(int descriptor, const void* bytes, std::size_t size);
  off_t lseek(int descriptor, off_t offset, int whence);
  long getdents(int descriptor, void* room, std::size_t size);
  int ftruncate(int descriptor, off_t size);
  int fallocate(int descriptor, off_t size);
  int fsync(int descriptor);
  int sync_file_range(int descriptor);
  int fchmod(int descriptor, mode_t mode);
  int faccessat(int descriptor);
  int futimens(int descriptor, const timespec times[2]);
  int utimensat(int at, const char* path, const timespec times[2]);
  ssize_t fgetxattr(int descriptor, const char* name, void* room, std::size_t size);
  int fsetxattr(int descriptor, const char* name, const void* value, std::size_t size);
  int mkdir(const char* path, mode_t mode);
  int mkdirat(int at, const char* path, mode_t mode);
  int unlinkat(int at, const char* path, int flags);
  int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags);

 private:
  static constexpr int first_descriptor = 1'000'000;

  struct Open {
    InodeNumber inode = 0;
    bool appends = false;
    off_t offset = 0;
  };
  struct Place {  // a directory and a name in it; an errno negated where there is none
    int error = 0;
    InodeNumber directory = 0;
    std::string name;
    InodeNumber inode = 0;  // what stands there; 0: nothing
  };

  int next_call();
  ssize_t write_at(const Open& file, const void* bytes, std::size_t size, std::uint64_t offset);
  Place walk(InodeNumber from, std::string_view path) const;
  Place find(const char* path) const;
  Place find(int at, const char* path) const;
  int open_place(const Place& place, std::uint64_t flags, std::uint32_t mode);
  int make_directory(const Place& place, mode_t mode);
  void fill(InodeNumber inode, struct stat& status) const;
  void collect(InodeNumber directory, const std::string& prefix, std::map<std::string, Node>& into) const;
  bool is_below(InodeNumber inode, InodeNumber above) const;

  SimulatedMedia media_;
  std::map<int, Open> open_;
  int next_descriptor_ = first_descriptor;
  Fault fault_;
  std::uint64_t calls_ = 0;
  bool struck_ = false;
};

/// While it lives, the program's calls go to this disk.
class MountedDisk {
 public:
  explicit MountedDisk(SimulatedDisk& disk);
  MountedDisk(const MountedDisk&) = delete;
  MountedDisk& operator=(const MountedDisk&) = delete;
  ~MountedDisk();

 private:
  SimulatedDisk* before_;
};

}  // namespace sampan::disk::testing
