#include "disk/directory.h"

#include <array>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/system_error.h"

namespace sampan::disk {
namespace {

constexpr int rename_race_retries = 128;
constexpr std::uint32_t mode_bits = 07777;
constexpr std::uint64_t new_file_mode = 0600;

// Resolves `path` below `base` and nowhere else; the empty path is `base` itself. `more` are further
// RESOLVE_* flags.
Result<UniqueFd> open_beneath(int base, const std::string& path, int flags, std::uint64_t more = 0) {
  if (path.find('\0') != std::string::npos) return fail(ErrorCode::invalid, "a path with a NUL byte");
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  if ((flags & O_PATH) == 0) how.flags |= O_NOCTTY;  // openat2 refuses what O_PATH would ignore
  if ((flags & O_CREAT) != 0) how.mode = new_file_mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | more;
  const char* name = path.empty() ? "." : path.c_str();
  for (int i = 0; i < rename_race_retries; ++i) {
    UniqueFd fd(static_cast<int>(syscall(SYS_openat2, base, name, &how, sizeof(how))));
    if (fd) return fd;
    if (errno == EINTR) continue;
    // EAGAIN: somebody renamed while the kernel walked, and it cannot tell whether ".." still stays inside.
    if (errno != EAGAIN) return fail(system_error(errno, "open"));
  }
  return fail(ErrorCode::busy, "the directory is being renamed all the time");
}

Result<struct stat> status_of(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return fail(system_error(errno, "stat"));
  return status;
}

Result<> sync_fd(int fd) {
  // EINVAL: a file system whose directories cannot be synced. What was asked for has happened by now.
  if (fsync(fd) != 0 && errno != EINVAL) return fail(system_error(errno, "sync"));
  return {};
}

// Opening a FIFO wakes who waits at its other end, and opening a device may do anything: what is neither a
// file nor a directory is only looked at.
Result<> check_type(const struct stat& status) {
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? Result<>() : fail(ErrorCode::not_a_file);
}

// Mode and time belong to all names of a file, and the others may be anybody's.
Result<> check_only_name(const struct stat& status) {
  if (S_ISDIR(status.st_mode) || status.st_nlink < 2) return {};
  return fail(ErrorCode::denied, "the file has another name besides this one (a hard link)");
}

// By descriptor, so that a name swapped for a link meanwhile is not followed.
Result<> set_mode_at(int parent, const char* name, std::uint32_t mode) {
  struct stat named {};
  if (fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) != 0) return fail(system_error(errno, "stat"));
  if (auto fine = S_ISLNK(named.st_mode) ? Result<>() : check_type(named); !fine) return fine;
  const UniqueFd fd(openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return fail(system_error(errno, "open"));
  const auto status = status_of(fd.get());
  if (!status) return fail(status.error());
  if (auto fine = check_type(*status); !fine) return fine;
  if (auto only = check_only_name(*status); !only) return only;
  if (fchmod(fd.get(), mode & mode_bits) != 0) return fail(system_error(errno, "set mode"));
  return {};
}

bool is_self_or_parent(const char* name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

}  // namespace

FileInfo info_of(const struct stat& status) {
  FileInfo info;
  info.type = S_ISREG(status.st_mode)   ? FileType::file
              : S_ISDIR(status.st_mode) ? FileType::directory
              : S_ISLNK(status.st_mode) ? FileType::link
                                        : FileType::other;
  info.size = static_cast<std::uint64_t>(status.st_size);
  info.mtime = FileTime::from(status.st_mtim);
  info.ctime = FileTime::from(status.st_ctim);
  info.mode = status.st_mode & mode_bits;
  info.inode = status.st_ino;
  info.device = status.st_dev;
  info.links = status.st_nlink;
  return info;
}

struct Directory::Place {
  UniqueFd parent;
  std::string name;
};

Result<Directory> Directory::open_trusted(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail(system_error(errno, "open"));
  return Directory(std::move(fd));
}

Result<Directory> Directory::make_trusted(const std::string& path, std::uint32_t mode) {
  auto there = open_trusted(path);
  if (there || there.error().code() != ErrorCode::not_found) return there;
  const std::size_t slash = path.find_last_of('/');
  const auto above = slash == std::string::npos ? open_trusted(".")
                     : slash == 0               ? open_trusted("/")
                                                : make_trusted(path.substr(0, slash), mode);
  if (!above) return fail(above.error());
  if (mkdir(path.c_str(), mode) != 0) {
    if (errno == EEXIST) return open_trusted(path);
    return fail(system_error(errno, "make directory"));
  }
  if (auto synced = above->sync(""); !synced) {
    // Else the next call would find it and take it for safe.
    unlinkat(AT_FDCWD, path.c_str(), AT_REMOVEDIR);
    return fail(synced.error());
  }
  return open_trusted(path);
}

Result<Directory> Directory::open_directory(const std::string& path) const {
  auto fd = open_beneath(fd_.get(), path, O_RDONLY | O_DIRECTORY);
  if (!fd) return fail(fd.error());
  return Directory(std::move(*fd));
}

Result<Directory> Directory::open_real_directory(const std::string& name) const {
  // With "/." behind it the kernel also asks whether we may go in.
  auto fd = open_beneath(fd_.get(), name + "/.", O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
  if (!fd) return fail(fd.error());
  return Directory(std::move(*fd));
}

Result<UniqueFd> Directory::open_file(const std::string& path, int flags) const {
  // What is swapped in after this look is opened without blocking, and found out below.
  if (const auto info = stat(path); info && info->type == FileType::other) return fail(ErrorCode::not_a_file);
  auto fd = open_beneath(fd_.get(), path, flags | O_NONBLOCK);
  if (!fd) return fd;
  const auto status = status_of(fd->get());
  if (!status) return fail(status.error());
  if (S_ISDIR(status->st_mode)) return fail(ErrorCode::is_a_directory);
  if (!S_ISREG(status->st_mode)) return fail(ErrorCode::not_a_file);
  return fd;
}

// Links on the way are followed inside; the last name itself is only named. The parent is opened for reading,
// as O_PATH cannot be synced.
Result<Directory::Place> Directory::place(const std::string& path) const {
  if (path.starts_with('/'))
    return fail(system_error(EXDEV, "open"));  // the parent of "/x" is not the empty path
  const std::size_t slash = path.find_last_of('/');
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.empty() || is_self_or_parent(name.c_str())) return fail(ErrorCode::invalid, "a name is needed");
  if (name.find('\0') != std::string::npos) return fail(ErrorCode::invalid, "a path with a NUL byte");
  auto parent = open_beneath(fd_.get(), slash == std::string::npos ? "" : path.substr(0, slash),
                             O_RDONLY | O_DIRECTORY);
  if (!parent) return fail(parent.error());
  return Place{std::move(*parent), std::move(name)};
}

Result<FileInfo> Directory::stat(const std::string& path) const {
  const auto fd = open_beneath(fd_.get(), path, O_PATH);
  if (!fd) return fail(fd.error());
  const auto status = status_of(fd->get());
  if (!status) return fail(status.error());
  return info_of(*status);
}

Result<FileInfo> Directory::link_stat(const std::string& path) const {
  if (path.empty()) return stat(path);
  const auto at = place(path);
  if (!at) return fail(at.error());
  struct stat status {};
  if (fstatat(at->parent.get(), at->name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return fail(system_error(errno, "stat"));
  return info_of(status);
}

Result<DirectoryPage> Directory::list(const std::string& path, std::int64_t cursor, std::size_t limit) const {
  if (limit == 0) return fail(ErrorCode::invalid, "a page of no entries");
  auto fd = open_beneath(fd_.get(), path, O_RDONLY | O_DIRECTORY);
  if (!fd) return fail(fd.error());
  if (cursor < 0 || (cursor != 0 && lseek(fd->get(), cursor, SEEK_SET) < 0))
    return fail(ErrorCode::invalid, "a cursor that no page has given");
  DirectoryPage page;
  // getdents64 rather than readdir: its d_off is a cursor that holds across open directories, and the buffer
  // is ours.
  alignas(8) std::array<char, 32 * 1024> buffer;
  for (;;) {
    const long got = syscall(SYS_getdents64, fd->get(), buffer.data(), buffer.size());
    if (got < 0) return fail(system_error(errno, "list"));
    if (got == 0) return page;
    for (long at = 0; at < got;) {
      const auto* item = reinterpret_cast<const struct dirent64*>(buffer.data() + at);
      at += item->d_reclen;
      if (!is_self_or_parent(item->d_name)) {
        struct stat status {};
        if (fstatat(fd->get(), item->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
          page.entries.push_back({item->d_name, info_of(status)});
        else if (errno != ENOENT)
          return fail(system_error(errno, "stat"));
      }
      if (page.entries.size() == limit) {
        page.next = item->d_off;
        return page;
      }
    }
  }
}

Result<> Directory::make_directory(const std::string& path) const {
  const auto at = place(path);
  if (!at) return fail(at.error());
  if (mkdirat(at->parent.get(), at->name.c_str(), 0700) != 0)
    return fail(system_error(errno, "make directory"));
  return {};
}

Result<> Directory::remove_directory(const std::string& path) const {
  const auto at = place(path);
  if (!at) return fail(at.error());
  if (unlinkat(at->parent.get(), at->name.c_str(), AT_REMOVEDIR) != 0)
    return fail(errno == EEXIST ? Error(ErrorCode::not_empty) : system_error(errno, "remove"));
  return {};
}

Result<FileInfo> Directory::remove_file(const std::string& path) const {
  const auto at = place(path);
  if (!at) return fail(at.error());
  struct stat status {};
  if (fstatat(at->parent.get(), at->name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return fail(system_error(errno, "stat"));
  if (S_ISDIR(status.st_mode)) return fail(ErrorCode::is_a_directory);
  if (unlinkat(at->parent.get(), at->name.c_str(), 0) != 0) return fail(system_error(errno, "remove"));
  return info_of(status);
}

Result<> Directory::rename(const std::string& from, const std::string& to, bool replace) const {
  const auto source = place(from);
  if (!source) return fail(source.error());
  const auto target = place(to);
  if (!target) return fail(target.error());
  struct stat one {};
  struct stat other {};
  if (fstatat(source->parent.get(), source->name.c_str(), &one, AT_SYMLINK_NOFOLLOW) == 0 &&
      fstatat(target->parent.get(), target->name.c_str(), &other, AT_SYMLINK_NOFOLLOW) == 0 &&
      one.st_ino == other.st_ino && one.st_dev == other.st_dev)
    return fail(ErrorCode::invalid, "both names are one file");  // renameat2 would say yes and do nothing
  const unsigned flags = replace ? 0 : RENAME_NOREPLACE;
  if (renameat2(source->parent.get(), source->name.c_str(), target->parent.get(), target->name.c_str(),
                flags) != 0)
    return fail(system_error(errno, errno == EINVAL ? "a directory cannot be moved into itself" : "rename"));
  return {};
}

Result<> Directory::move_to(const std::string& from, const Directory& target, const std::string& to) const {
  const auto source = place(from);
  if (!source) return fail(source.error());
  const auto there = target.place(to);
  if (!there) return fail(there.error());
  if (renameat(source->parent.get(), source->name.c_str(), there->parent.get(), there->name.c_str()) != 0)
    return fail(system_error(errno, "rename"));
  return {};
}

Result<> Directory::check_writable(const std::string& path) const {
  const auto fd = open_beneath(fd_.get(), path, O_PATH | O_DIRECTORY);
  if (!fd) return fail(fd.error());
  if (faccessat(fd->get(), "", W_OK | X_OK, AT_EACCESS | AT_EMPTY_PATH) != 0)
    return fail(system_error(errno, "write here"));
  return {};
}

Result<> Directory::set_times(const std::string& path, const FileTime& mtime) const {
  const std::array<timespec, 2> times = {timespec{0, UTIME_OMIT}, mtime.to_timespec()};
  if (path.empty()) {
    if (futimens(fd_.get(), times.data()) != 0) return fail(system_error(errno, "set time"));
    return {};
  }
  const auto at = place(path);
  if (!at) return fail(at.error());
  const UniqueFd fd(openat(at->parent.get(), at->name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return fail(system_error(errno, "open"));
  const auto status = status_of(fd.get());
  if (!status) return fail(status.error());
  if (auto only = check_only_name(*status); !only) return only;
  if (utimensat(fd.get(), "", times.data(), AT_EMPTY_PATH) != 0) return fail(system_error(errno, "set time"));
  return {};
}

Result<> Directory::set_mode(const std::string& path, std::uint32_t mode) const {
  if (path.empty()) return set_mode_at(fd_.get(), ".", mode);
  const auto at = place(path);
  if (!at) return fail(at.error());
  return set_mode_at(at->parent.get(), at->name.c_str(), mode);
}

Result<> Directory::sync(const std::string& path) const {
  const auto directory = open_beneath(fd_.get(), path, O_RDONLY | O_DIRECTORY);
  if (!directory) return fail(directory.error());
  return sync_fd(directory->get());
}

Result<> Directory::sync_parent(const std::string& path) const {
  const auto at = place(path);
  if (!at) return fail(at.error());
  return sync_fd(at->parent.get());
}

}  // namespace sampan::disk
