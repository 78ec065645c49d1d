#include "upload/outgoing_file.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/system_error.h"

namespace sampan::upload {
namespace {

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

Result<OutgoingFile> OutgoingFile::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return fail(system_error(errno, "open"));
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return fail(system_error(errno, "stat"));
  if (S_ISDIR(status.st_mode)) return fail(ErrorCode::is_a_directory);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::not_a_file);
  return OutgoingFile(std::move(fd), path.substr(path.find_last_of('/') + 1), status);
}

Result<ByteView> OutgoingFile::read(ByteSpan room) {
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left(), room.size()));
  ssize_t got = 0;
  do {
    got = ::read(fd_.get(), room.data(), wanted);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return fail(system_error(errno, "read"));
  sent_ += static_cast<std::uint64_t>(got);
  struct stat now {};
  if (got == 0 || (left() == 0 && (fstat(fd_.get(), &now) != 0 || !is_same(now, status_))))
    return fail(ErrorCode::changed);
  return room.first(static_cast<std::size_t>(got));
}

}  // namespace sampan::upload
