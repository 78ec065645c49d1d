#include "client/landing.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/digest.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

// As disk::PartFile names the bytes of NAME.
std::string part_of(const std::string& staged) {
  return staged + ".part";
}

}  // namespace

std::uint64_t StagedSmall::size() const {
  struct stat status {};
  return fstat(file_.fd(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

// A digest rather than the name with something behind it: names have an end at 255 bytes.
Landing::Landing(const disk::Directory& directory, std::string name)
    : directory_(directory),
      name_(std::move(name)),
      staged_(".sampan-" + digest_of(as_bytes(name_)).hex().substr(0, 24)) {}

Result<> Landing::check() const {
  const auto there = directory_.link_stat(name_);
  if (there && there->type == disk::FileType::directory)
    return fail(ErrorCode::is_a_directory, "the local name is taken by one");
  return {};
}

Result<> Landing::take_up() {
  part_.reset();
  lock_.reset();
  auto lock = StageLock::of_leftover(directory_, part_of(staged_));
  if (!lock) return fail(lock.error());
  lock_ = std::move(*lock);
  if (!lock_) return {};
  auto part = disk::PartFile::open(directory_, staged_);
  if (part) part_ = std::move(*part);
  return {};
}

Result<disk::PartFile*> Landing::part_for(const native::GetReady& file, std::uint32_t chunk_size) {
  const bool same = part_ && part_->plan().tag == file.digest.text() && part_->plan().size == file.size &&
                    part_->plan().chunk_size == chunk_size;
  if (same) {
    part_->set_attributes(file.mtime, file.mode.bits);
    return &*part_;
  }
  part_.reset();
  if (!lock_)  // asking the server took its time: another process may have begun meanwhile
    if (auto leftover = StageLock::of_leftover(directory_, part_of(staged_)); !leftover)
      return fail(leftover.error());
  const disk::PartPlan plan = {.target = name_,
                               .size = file.size,
                               .chunk_size = chunk_size,
                               .mtime = file.mtime,
                               .mode = file.mode.bits,
                               .tag = file.digest.text()};
  auto part = disk::PartFile::create(directory_, staged_, plan);
  if (!part) return fail(part.error());
  auto lock = StageLock::of_new(directory_, part_of(staged_), part->fd());
  if (!lock) return fail(lock.error());
  lock_ = std::move(*lock);
  part_ = std::move(*part);
  return &*part_;
}

Result<> Landing::publish_part() {
  if (auto sealed = part_->seal(true); !sealed) return sealed;
  if (auto ours = lock_->check(directory_, part_of(staged_)); !ours) return ours;
  if (auto published = part_->publish(directory_, name_); !published) return published;
  part_.reset();
  lock_.reset();
  return directory_.sync_parent(name_);
}

void Landing::discard() {
  if (!lock_) return;  // there is none, or it is another process's
  part_.reset();
  (void)disk::PartFile::remove(directory_, staged_);
  lock_.reset();
}

Result<StagedSmall> Landing::stage(const native::GetReady& file, ByteView bytes) {
  if (digest_of(bytes) != file.digest) return fail(ErrorCode::wrong_digest);
  const std::string leftover_name = staged_ + std::string(disk::small_file_suffix);
  const auto leftover = StageLock::of_leftover(directory_, leftover_name);
  if (!leftover) return fail(leftover.error());
  if (*leftover)
    if (auto removed = directory_.remove_file(leftover_name); !removed) return fail(removed.error());
  auto written = disk::SmallFile::write(directory_, staged_, bytes, file.mode.bits, file.mtime);
  if (!written) return fail(written.error());
  auto lock = StageLock::of_new(directory_, leftover_name, written->fd());
  if (!lock) return fail(lock.error());
  return StagedSmall(std::move(*lock), std::move(*written), name_);
}

}  // namespace sampan::client
