#include "client/source.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_error.h"
#include "disk/read_at.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

constexpr std::size_t piece = 256 * 1024;

// An open file without a name.
Result<UniqueFd> make_nameless(const std::string& directory) {
  UniqueFd fd(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd) return fd;
  if (errno != EOPNOTSUPP && errno != EISDIR) return fail(system_error(errno, "spool in " + directory));
  // A file system (NFS) that cannot make one without a name for a moment.
  std::string name = directory + "/sampan-XXXXXX";
  fd.reset(mkostemp(name.data(), O_CLOEXEC));
  if (!fd) return fail(system_error(errno, "spool in " + directory));
  unlink(name.c_str());
  return fd;
}

Result<> copy_all(int from, int to) {
  std::vector<std::byte> buffer(piece);
  for (std::uint64_t size = 0;;) {
    const ssize_t got = read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error(errno, "read"));
    if (got == 0) return {};
    const ByteView bytes = ByteView(buffer).first(static_cast<std::size_t>(got));
    if (auto written = disk::write_at(to, bytes, size); !written) return written;
    size += bytes.size();
  }
}

Result<disk::FileInfo> info_of_fd(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return fail(system_error(errno, "stat"));
  return disk::info_of(status);
}

// The clock by which the kernel stamps files: it moves on every few milliseconds.
FileTime stamp_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return FileTime::from(now);
}

// Of a file whose next change will bear another time than this. A time in the future (another machine's
// clock) is waited for only so long.
Result<disk::FileInfo> settled_info_of_fd(int fd) {
  constexpr int tries = 20;
  constexpr timespec pause = {.tv_sec = 0, .tv_nsec = 1'000'000};
  for (int i = 0;; ++i) {
    auto info = info_of_fd(fd);
    if (!info || i == tries || info->ctime < stamp_now()) return info;
    nanosleep(&pause, nullptr);
  }
}

}  // namespace

Result<Source> open_source(const std::string& path) {
  Source source;
  source.fd.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!source.fd && errno == ENXIO) return fail(ErrorCode::not_a_file);  // a socket
  if (!source.fd) return fail(system_error(errno, "open"));
  const auto info = settled_info_of_fd(source.fd.get());
  if (!info) return fail(info.error());
  if (info->type == disk::FileType::directory)
    return fail(ErrorCode::is_a_directory, "use -r for directories");
  if (info->type != disk::FileType::file) return fail(ErrorCode::not_a_file);
  source.info = *info;
  return source;
}

Result<Source> spool(int from) {
  const char* chosen = std::getenv("TMPDIR");
  auto fd = make_nameless(chosen != nullptr && *chosen != '\0' ? chosen : "/tmp");
  if (!fd) return fail(fd.error());
  if (auto copied = copy_all(from, fd->get()); !copied) return fail(copied.error());
  const auto info = info_of_fd(fd->get());
  if (!info) return fail(info.error());
  Source source = {std::move(*fd), *info};
  source.info.mode = 0644;
  return source;
}

Still look_again(const Source& source) {
  const auto now = info_of_fd(source.fd.get());
  if (!now || now->size != source.info.size || now->mtime != source.info.mtime) return Still::changed;
  return now->ctime == source.info.ctime ? Still::same : Still::touched;
}

net::Task<Result<>> check_unchanged(Connection& connection, const Source& source, const Digest& sent) {
  const Still still = look_again(source);
  if (still == Still::same) co_return Result<>();
  if (still == Still::changed) co_return fail(ErrorCode::changed);
  Hasher hasher;
  Result<> hashed = co_await hash_range(connection, source, 0, source.info.size, hasher);
  if (!hashed) co_return hashed;
  if (hasher.digest() != sent || look_again(source) == Still::changed) co_return fail(ErrorCode::changed);
  co_return Result<>();
}

Result<> read_whole(const Source& source, std::vector<std::byte>& bytes) {
  const auto read = [&](std::vector<std::byte>& into) -> Result<> {
    into.resize(source.info.size);
    const auto got = disk::read_at(source.fd.get(), into, 0);
    if (!got) return fail(got.error());
    return *got < into.size() ? fail(ErrorCode::changed) : Result<>();
  };
  if (auto first = read(bytes); !first) return first;
  const Still still = look_again(source);
  if (still == Still::same) return {};
  if (still == Still::changed) return fail(ErrorCode::changed);
  std::vector<std::byte> again;
  if (auto second = read(again); !second) return second;
  const bool same = again == bytes && look_again(source) != Still::changed;
  return same ? Result<>() : fail(ErrorCode::changed);
}

net::Task<Result<>> hash_range(Connection& connection, const Source& source, std::uint64_t offset,
                               std::uint64_t count, Hasher& hasher) {
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(count, piece)));
  while (count != 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, buffer.size()));
    const ByteSpan room = std::span(buffer).first(wanted);
    const auto got = disk::read_at(source.fd.get(), room, offset);
    if (!got) co_return fail(got.error());
    if (*got < room.size()) co_return fail(ErrorCode::changed);
    hasher.update(room);
    offset += room.size();
    count -= room.size();
    co_await connection.keep_alive();
  }
  co_return Result<>();
}

native::Mode mode_of(const disk::FileInfo& info) {
  return {info.mode & 0777U};
}

Result<> check_receipt(const native::Receipt& receipt, std::uint64_t size, const Digest& digest) {
  if (receipt.size == size && receipt.digest == digest) return {};
  return fail(ErrorCode::wrong_digest, "the server's receipt is for other bytes than were sent");
}

}  // namespace sampan::client
