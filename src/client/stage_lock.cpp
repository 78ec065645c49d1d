#include "client/stage_lock.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/system_error.h"

namespace sampan::client {
namespace {

Error taken() {
  return {ErrorCode::busy, "another sampan is fetching this file to the same place"};
}

// Where the file system has no locks we do without.
Result<> lock(int fd) {
  if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return {};
  return fail(taken());
}

// Whether `name` is still the file that is open as `fd`: it may have been replaced before the lock was there.
bool is_named(const disk::Directory& directory, const std::string& name, int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return false;
  const disk::FileInfo mine = disk::info_of(status);
  const auto there = directory.link_stat(name);
  return there && there->inode == mine.inode && there->device == mine.device;
}

}  // namespace

Result<std::optional<StageLock>> StageLock::of_leftover(const disk::Directory& directory,
                                                        const std::string& name) {
  auto fd = directory.open_file(name, O_RDONLY | O_NOFOLLOW);
  if (!fd && fd.error().code() == ErrorCode::not_found) return std::nullopt;
  if (!fd) return fail(fd.error());
  if (auto locked = lock(fd->get()); !locked) return fail(locked.error());
  if (!is_named(directory, name, fd->get())) return fail(taken());
  return StageLock(std::move(*fd));
}

Result<StageLock> StageLock::of_new(const disk::Directory& directory, const std::string& name, int fd) {
  // A duplicate shares the lock, so that it is held for as long as this object is there.
  UniqueFd own(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!own) return fail(system_error(errno, "lock"));
  if (auto locked = lock(own.get()); !locked) return fail(locked.error());
  if (!is_named(directory, name, own.get())) return fail(taken());
  return StageLock(std::move(own));
}

Result<> StageLock::check(const disk::Directory& directory, const std::string& name) const {
  return is_named(directory, name, fd_.get()) ? Result<>() : fail(taken());
}

}  // namespace sampan::client
