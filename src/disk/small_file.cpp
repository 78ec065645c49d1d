#include "disk/small_file.h"

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_error.h"
#include "disk/read_at.h"

namespace sampan::disk {

SmallFile::SmallFile(const Directory& staging, std::string name, UniqueFd fd)
    : staging_(&staging), name_(std::move(name)), fd_(std::move(fd)) {}

SmallFile::SmallFile(SmallFile&& other) noexcept
    : staging_(std::exchange(other.staging_, nullptr)),
      name_(std::move(other.name_)),
      fd_(std::move(other.fd_)) {}

SmallFile::~SmallFile() {
  if (staging_ != nullptr) unlinkat(staging_->fd(), name_.c_str(), 0);
}

Result<SmallFile> SmallFile::write(const Directory& staging, const std::string& name, ByteView bytes,
                                   std::uint32_t mode, const FileTime& mtime) {
  if (name.find('/') != std::string::npos)
    return fail(ErrorCode::invalid, "the name of a staged file is one plain name");
  std::string file_name = name + std::string(small_file_suffix);
  UniqueFd fd(
      openat(staging.fd(), file_name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail(system_error(errno, "create"));
  SmallFile file(staging, std::move(file_name), std::move(fd));
  if (auto written = write_at(file.fd(), bytes, 0); !written) return fail(written.error());
  if (fchmod(file.fd(), mode & 0777U) != 0) return fail(system_error(errno, "set mode"));
  const std::array<timespec, 2> times = {timespec{0, UTIME_OMIT}, mtime.to_timespec()};
  if (futimens(file.fd(), times.data()) != 0) return fail(system_error(errno, "set time"));
  return file;
}

void SmallFile::start_sync() const {
  start_write_back(fd_.get(), 0, 0);
}

Result<> SmallFile::sync() {
  if (fsync(fd_.get()) != 0) return fail(system_error(errno, "sync"));
  return {};
}

Result<> SmallFile::publish(const Directory& target, const std::string& path) {
  if (auto moved = staging_->move_to(name_, target, path); !moved) return moved;
  staging_ = nullptr;
  return {};
}

}  // namespace sampan::disk
