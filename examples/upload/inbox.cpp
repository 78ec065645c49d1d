#include "upload/inbox.h"

#include <cassert>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/quantity.h"
#include "base/random.h"
#include "base/system_error.h"
#include "disk/read_at.h"

namespace sampan::upload {
namespace {

// What is unfinished is called so, and nobody may call a file so: at the next start it would be removed.
constexpr std::string_view staged_prefix = ".sampan-arriving-";
constexpr std::size_t name_max = 255;
constexpr std::size_t page_size = 1000;

Result<> check_name(const std::string& name) {
  if (name.empty()) return fail(ErrorCode::invalid, "an empty name");
  if (name.size() > name_max) return fail(ErrorCode::invalid, "a name of more than 255 bytes");
  if (name == "." || name == "..") return fail(ErrorCode::invalid, "\"" + name + "\" is no file's name");
  if (name.find('/') != std::string::npos || name.find('\0') != std::string::npos)
    return fail(ErrorCode::invalid, "a name with \"/\" or NUL in it: a plain name is needed");
  if (name.starts_with(staged_prefix))
    return fail(ErrorCode::invalid, "names that begin with \"" + std::string(staged_prefix) + "\" are taken");
  return {};
}

}  // namespace

Arrival::Arrival(const disk::Directory& directory, std::string name, std::string staged, UniqueFd fd,
                 std::uint64_t size)
    : directory_(&directory),
      name_(std::move(name)),
      staged_(std::move(staged)),
      fd_(std::move(fd)),
      size_(size) {}

Arrival::Arrival(Arrival&& other) noexcept
    : directory_(std::exchange(other.directory_, nullptr)),
      name_(std::move(other.name_)),
      staged_(std::move(other.staged_)),
      fd_(std::move(other.fd_)),
      size_(other.size_),
      written_(other.written_) {}

Arrival::~Arrival() {
  if (directory_ != nullptr) (void)directory_->remove_file(staged_);
}

Result<> Arrival::write(ByteView bytes) {
  assert(bytes.size() <= left());
  if (auto written = disk::write_at(fd_.get(), bytes, written_); !written) return written;
  written_ += bytes.size();
  return {};
}

Result<> Arrival::commit() {
  if (left() != 0) return fail(ErrorCode::incomplete);
  if (fsync(fd_.get()) != 0) return fail(system_error(errno, "sync"));
  if (auto renamed = directory_->rename(staged_, name_, true); !renamed) return renamed;
  directory_ = nullptr;
  return {};
}

Result<Inbox> Inbox::open(const std::string& path) {
  auto directory = disk::Directory::make_trusted(path, 0755);
  if (!directory) return fail(directory.error());
  std::int64_t next = 0;
  do {
    const auto page = directory->list("", next, page_size);
    if (!page) return fail(page.error());
    for (const disk::DirectoryEntry& entry : page->entries)
      if (entry.name.starts_with(staged_prefix)) (void)directory->remove_file(entry.name);
    next = page->next;
  } while (next != 0);
  return Inbox(std::move(*directory));
}

Result<Arrival> Inbox::expect(const std::string& name, std::uint64_t size) const {
  if (auto good = check_name(name); !good) return fail(good.error());
  if (size > size_max)
    return fail(ErrorCode::invalid, "a file has at most " + format_size(size_max) + " here");
  // Before the bytes come, not after.
  const auto there = directory_.link_stat(name);
  if (there && there->type == disk::FileType::directory) return fail(ErrorCode::is_a_directory);
  std::string staged = std::string(staged_prefix) + random_token(12);
  auto fd = directory_.open_file(staged, O_WRONLY | O_CREAT | O_EXCL);
  if (!fd) return fail(fd.error());
  Arrival arrival(directory_, name, std::move(staged), std::move(*fd), size);
  if (size != 0 && fallocate(arrival.fd_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)) != 0 &&
      errno != EOPNOTSUPP)
    return fail(system_error(errno, "take room"));
  return arrival;
}

}  // namespace sampan::upload
