#include "client/private_file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>

#include "base/bytes.h"
#include "base/system_error.h"
#include "base/unique_fd.h"
#include "disk/read_at.h"
#include "disk/small_file.h"

namespace sampan::client {
namespace {

constexpr std::size_t size_most = 1024 * 1024;

Error naming(const std::string& path, const Error& error) {
  return {error.code(), path + (error.detail().empty() ? "" : ": " + error.detail())};
}

}  // namespace

Result<std::optional<std::string>> read_private_file(const std::string& file) {
  const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) return fail(naming(file, system_error(errno, "open")));
  std::string text(size_most + 1, '\0');
  const auto got = disk::read_at(fd.get(), std::as_writable_bytes(std::span(text)), 0);
  if (!got) return fail(naming(file, got.error()));
  if (*got > size_most) return fail(ErrorCode::invalid, file + ": larger than any such file is");
  text.resize(*got);
  return text;
}

Result<PrivateDirectory> PrivateDirectory::lock(const std::string& path) {
  auto directory = disk::Directory::make_trusted(path, 0700);
  if (!directory) return fail(naming(path, directory.error()));
  // Where the file system has no locks we do without: two processes at the same moment are rare here.
  while (flock(directory->fd(), LOCK_EX) != 0 && errno == EINTR) continue;
  return PrivateDirectory(std::move(*directory));
}

Result<> PrivateDirectory::replace(const std::string& name, const std::string& text) const {
  (void)directory_.remove_file(name + std::string(disk::small_file_suffix));  // of a process that was killed
  auto file = disk::SmallFile::write(directory_, name, as_bytes(text), 0600, FileTime::now());
  if (!file) return fail(file.error());
  if (auto synced = file->sync(); !synced) return synced;
  if (auto published = file->publish(directory_, name); !published) return published;
  return directory_.sync_parent(name);
}

}  // namespace sampan::client
