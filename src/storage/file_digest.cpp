#include "storage/file_digest.h"

#include <cerrno>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/system_error.h"
#include "disk/attribute.h"
#include "disk/read_at.h"

namespace sampan::storage {
namespace {

constexpr const char* attribute_name = "user.sampan.digest";
constexpr std::size_t piece = 256 * 1024;

std::string stamp_of(const disk::FileInfo& info) {
  return fmt::format(" {} {}.{:09} {}", info.size, info.mtime.seconds, info.mtime.nanoseconds, info.inode);
}

}  // namespace

std::optional<Digest> kept_digest(int fd, const disk::FileInfo& info) {
  const auto value = disk::read_attribute(fd, attribute_name);
  if (!value || !*value) return std::nullopt;
  const std::string_view text = **value;
  const std::size_t end = text.find(' ');
  if (end == text.npos || text.substr(end) != stamp_of(info)) return std::nullopt;
  return Digest::parse(text.substr(0, end));
}

void keep_digest(int fd, const disk::FileInfo& info, const Digest& digest) {
  (void)disk::write_attribute(fd, attribute_name, digest.text() + stamp_of(info));
}

Result<Digest> compute_digest(int fd, const disk::FileInfo& info) {
  Hasher hasher;
  std::vector<std::byte> buffer(piece);
  for (;;) {
    const auto got = disk::read_at(fd, buffer, hasher.count());
    if (!got) return fail(got.error());
    hasher.update(ByteView(buffer).first(*got));
    if (*got < buffer.size()) break;
  }
  struct stat status {};
  if (fstat(fd, &status) != 0) return fail(system_error(errno, "stat"));
  const disk::FileInfo now = disk::info_of(status);
  if (hasher.count() != info.size || now.size != info.size || now.mtime != info.mtime)
    return fail(ErrorCode::changed);
  return hasher.digest();
}

}  // namespace sampan::storage
