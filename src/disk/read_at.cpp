#include "disk/read_at.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/system_error.h"

namespace sampan::disk {

Result<std::size_t> read_at(int fd, ByteSpan room, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < room.size()) {
    const ssize_t got = pread(fd, room.data() + done, room.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error(errno, "read"));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

bool read_cached(int fd, ByteSpan room, std::uint64_t offset) {
  const iovec where = {room.data(), room.size()};
  const ssize_t got = preadv2(fd, &where, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  return got >= 0 && static_cast<std::size_t>(got) == room.size();
}

Result<> write_at(int fd, ByteView bytes, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put =
        pwrite(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(system_error(errno, "write"));
    if (put == 0) return fail(ErrorCode::io_error, "write: the file takes no more");  // rather than for ever
    done += static_cast<std::size_t>(put);
  }
  return {};
}

void start_write_back(int fd, std::uint64_t offset, std::uint64_t count) {
  // No flag that waits: those would take the error that the sync is to see.
  (void)sync_file_range(fd, static_cast<off_t>(offset), static_cast<off_t>(count), SYNC_FILE_RANGE_WRITE);
}

}  // namespace sampan::disk
