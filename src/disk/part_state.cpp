#include "disk/part_state.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_error.h"

namespace sampan::disk {
namespace {

constexpr std::uint32_t private_mode = 0600;
constexpr std::uint64_t slack_records = 64;

}  // namespace

std::string part_name(const std::string& name) {
  return name + std::string(part_suffix);
}
std::string journal_name(const std::string& name) {
  return name + std::string(journal_suffix);
}

UniqueFd PartFile::State::open_one(const std::string& file, int flags) const {
  return UniqueFd(openat(directory.fd(), file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, private_mode));
}

Result<> PartFile::State::open_part(int flags) {
  part = open_one(part_name(name), O_RDWR | flags);
  if (!part && errno == EACCES && flags == 0) {
    // Sealed with a mode that forbids us to write, and then the process ended.
    if (auto set = directory.set_mode(part_name(name), private_mode); !set) return set;
    part = open_one(part_name(name), O_RDWR | flags);
  }
  return part ? Result<>() : fail(system_error(errno, "open part"));
}

Result<> PartFile::State::open_journal() {
  journal = open_one(journal_name(name), O_RDWR | O_APPEND);
  return journal ? Result<>() : fail(system_error(errno, "open journal"));
}

// The room now, rather than an error after an hour; file systems that cannot, only get the length.
Result<> PartFile::State::take_room() {
  const auto size = static_cast<off_t>(plan.size);
  if (size == 0) return {};
  int outcome = 0;
  do outcome = fallocate(part.get(), 0, 0, size);
  while (outcome != 0 && errno == EINTR);
  if (outcome == 0) return {};
  if (errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS) return fail(system_error(errno, "allocate"));
  if (ftruncate(part.get(), size) != 0) return fail(system_error(errno, "allocate"));
  return {};
}

Result<> PartFile::State::cut_to_size() {
  struct stat status {};
  if (fstat(part.get(), &status) != 0) return fail(system_error(errno, "stat"));
  const auto size = static_cast<off_t>(plan.size);
  if (status.st_size != size && ftruncate(part.get(), size) != 0)
    return fail(system_error(errno, "truncate"));
  return {};
}

Result<> PartFile::State::check_still_ours() const {
  struct stat named {};
  struct stat held {};
  if (fstat(part.get(), &held) != 0) return fail(system_error(errno, "stat"));
  if (fstatat(directory.fd(), part_name(name).c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0)
    return fail(system_error(errno, "stat"));
  if (named.st_ino != held.st_ino || named.st_dev != held.st_dev) return fail(ErrorCode::superseded);
  return {};
}

void PartFile::State::look_for_strangers() {
  struct stat now {};
  touched = touched || fstat(part.get(), &now) != 0 || FileTime::from(now.st_ctim) != stamp;
}

void PartFile::State::remember_stamp() {
  struct stat now {};
  if (fstat(part.get(), &now) == 0)
    stamp = FileTime::from(now.st_ctim);
  else
    touched = true;
}

Result<> PartFile::State::hash_again() {
  Hasher whole;
  for (std::uint64_t i = 0; i < chunks.prefix; ++i) {
    const auto read = read_chunk(part.get(), plan, i, [&](ByteView bytes) { whole.update(bytes); });
    if (!read) return read;
  }
  chunks.hasher = whole;
  return {};
}

Result<> PartFile::State::note(const PartRecord& record) {
  if (!journal)  // it was rewritten, and then could not be opened
    if (auto opened = open_journal(); !opened) return opened;
  if (auto noted = append_record(journal.get(), record); !noted) return noted;
  ++records;
  return {};
}

Result<> PartFile::State::rewrite_journal(std::vector<PartRecord> current) {
  if (auto ours = check_still_ours(); !ours) return ours;
  const std::uint64_t count = current.size();
  const PartJournal fresh = {plan, std::move(current)};
  if (auto written = write_journal(directory, journal_name(name), fresh); !written) return written;
  records = count;
  return open_journal();
}

Result<> PartFile::State::shorten_journal() {
  if (records <= 4 * plan.chunk_count() + slack_records) return {};
  const auto long_one = read_journal(directory, journal_name(name));
  if (!long_one) return fail(long_one.error());
  return rewrite_journal(current_records(long_one->records, chunks));
}

Result<Hasher> PartFile::State::longer_by_one() const {
  Hasher longer = chunks.hasher;
  const auto read =
      read_chunk(part.get(), plan, chunks.prefix, [&](ByteView bytes) { longer.update(bytes); });
  if (!read) return fail(read.error());
  return longer;
}

Result<> PartFile::State::grow_prefix(std::uint64_t limit) {
  for (; limit != 0 && chunks.scattered.contains(chunks.prefix); --limit) {
    const auto longer = longer_by_one();
    if (!longer) return fail(longer.error());
    if (auto noted = note({chunks.prefix, true, longer->digest()}); !noted) return noted;
    chunks.hasher = *longer;
    chunks.scattered.erase(chunks.prefix++);
  }
  return {};
}

Result<> PartFile::State::complete_prefix() {
  while (chunks.scattered.contains(chunks.prefix)) {
    const auto longer = longer_by_one();
    if (!longer) return fail(longer.error());
    chunks.hasher = *longer;
    chunks.scattered.erase(chunks.prefix++);
  }
  return {};
}

Result<bool> PartFile::State::holds(std::uint64_t index, ByteView bytes) const {
  bool same = true;
  const auto read = read_chunk(part.get(), plan, index, [&](ByteView piece) {
    same = same && std::memcmp(piece.data(), bytes.data(), piece.size()) == 0;
    bytes = bytes.subspan(piece.size());
  });
  if (!read) return fail(read.error());
  return same;
}

Result<> PartFile::State::loosen_prefix(std::uint64_t index) {
  PresentChunks looser;
  looser.scattered = chunks.scattered;
  Hasher whole;
  std::vector<PartRecord> current;
  for (std::uint64_t i = 0; i < chunks.prefix; ++i) {
    if (i == index) looser.hasher = whole;
    Hasher alone;
    const auto read = read_chunk(part.get(), plan, i, [&](ByteView bytes) {
      whole.update(bytes);
      if (i > index) alone.update(bytes);
    });
    if (!read) return read;
    if (i < index) current.push_back({i, true, whole.digest()});
    if (i > index) looser.scattered.emplace(i, alone.digest());
  }
  if (whole.digest() != chunks.hasher.digest())
    return fail(ErrorCode::io_error, "the staged bytes have changed");
  looser.prefix = index;
  for (const auto& [i, digest] : looser.scattered) current.push_back({i, false, digest});
  if (auto written = rewrite_journal(std::move(current)); !written) return written;
  chunks = std::move(looser);
  return {};
}

Result<> PartFile::State::forget_from(std::uint64_t first) {
  if (first >= chunks.prefix && chunks.scattered.lower_bound(first) == chunks.scattered.end()) return {};
  auto written_down = read_journal(directory, journal_name(name));
  if (!written_down) return fail(written_down.error());
  PresentChunks fewer;
  std::vector<PartRecord> current;
  if (first < chunks.prefix) {
    // No digest of the shorter prefix is in memory: it is proven again. That only happens where a source has
    // changed.
    std::erase_if(written_down->records, [&](const PartRecord& record) { return record.index >= first; });
    Evidence found = examine(part.get(), plan, written_down->records);
    fewer = std::move(found.chunks);
    current = std::move(found.records);
  } else {
    fewer = chunks;
    fewer.scattered.erase(fewer.scattered.lower_bound(first), fewer.scattered.end());
    current = current_records(written_down->records, fewer);
  }
  if (auto written = rewrite_journal(std::move(current)); !written) return written;
  chunks = std::move(fewer);
  return {};
}

}  // namespace sampan::disk
