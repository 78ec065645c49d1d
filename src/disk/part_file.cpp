#include "disk/part_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_error.h"
#include "disk/part_journal.h"
#include "disk/read_at.h"

namespace sampan::disk {
namespace {

constexpr std::uint32_t chunk_least = 1024;
constexpr std::uint32_t chunk_most = 16 * 1024 * 1024;

std::string part_name(const std::string& name) {
  return name + ".part";
}
std::string journal_name(const std::string& name) {
  return name + ".journal";
}

bool makes_sense(const PartPlan& plan) {
  return plan.chunk_size >= chunk_least && plan.chunk_size <= chunk_most && plan.chunk_size % 1024 == 0 &&
         plan.size <= INT64_MAX;
}

// A removed file is as good as one that never was.
Result<> remove_name(const Directory& directory, const std::string& name) {
  if (unlinkat(directory.fd(), name.c_str(), 0) != 0 && errno != ENOENT)
    return fail(system_error(errno, "remove"));
  return {};
}

}  // namespace

// Chunks [0, prefix) are hashed into `hasher` and on disk; `scattered` holds the ones beyond, each with its
// own digest.
struct PartFile::State {
  State(Directory handle, std::string part_of, PartPlan what)
      : directory(std::move(handle)), name(std::move(part_of)), plan(std::move(what)) {}

  Directory directory;  // of its own, so that the part does not depend on the caller's handle
  std::string name;
  PartPlan plan;
  UniqueFd part;
  UniqueFd journal;
  Hasher hasher;
  std::uint64_t prefix = 0;
  std::map<std::uint64_t, Digest> scattered;
  std::vector<std::byte> buffer;

  // The bytes of a staged chunk, valid until the next call.
  Result<ByteView> read_chunk(std::uint64_t index) {
    buffer.resize(plan.chunk_size);
    const ByteSpan room = std::span(buffer).first(plan.chunk_length(index));
    const auto got = read_at(part.get(), room, plan.chunk_offset(index));
    if (!got) return fail(got.error());
    if (*got < room.size()) return fail(ErrorCode::incomplete);
    return ByteView(room);
  }

  // Takes chunks that follow the prefix into the running hash.
  Result<> grow_prefix() {
    while (!scattered.empty() && scattered.begin()->first == prefix) {
      const auto bytes = read_chunk(prefix);
      if (!bytes) return fail(bytes.error());
      hasher.update(*bytes);
      scattered.erase(scattered.begin());
      ++prefix;
      if (auto noted = append_record(journal.get(), {prefix - 1, true, hasher.digest()}); !noted)
        return noted;
    }
    return {};
  }

  UniqueFd open_one(const std::string& file, int flags) const {
    return UniqueFd(openat(directory.fd(), file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
  }
  Result<> open_part(int flags) {
    part = open_one(part_name(name), O_RDWR | flags);
    return part ? Result<>() : fail(system_error(errno, "open part"));
  }
  Result<> open_journal() {
    journal = open_one(journal_name(name), O_WRONLY | O_APPEND);
    return journal ? Result<>() : fail(system_error(errno, "open journal"));
  }
};

PartFile::PartFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
PartFile::PartFile(PartFile&&) noexcept = default;
PartFile& PartFile::operator=(PartFile&&) noexcept = default;
PartFile::~PartFile() = default;

Result<PartFile> PartFile::create(const Directory& directory, const std::string& name, PartPlan plan) {
  if (!makes_sense(plan)) return fail(ErrorCode::invalid, "a chunk size of 1 KiB to 16 MiB, in KiB");
  if (auto removed = remove(directory, name); !removed) return fail(removed.error());
  if (auto written = write_journal(directory, journal_name(name), {plan, {}}); !written)
    return fail(written.error());
  auto handle = directory.open_directory("");
  if (!handle) return fail(handle.error());
  auto state = std::make_unique<State>(std::move(*handle), name, std::move(plan));
  const auto make = [&]() -> Result<> {
    if (auto opened = state->open_part(O_CREAT | O_EXCL); !opened) return opened;
    if (auto opened = state->open_journal(); !opened) return opened;
    const auto size = static_cast<off_t>(state->plan.size);
    if (size == 0) return {};
    // The room now, rather than an error after an hour; file systems that cannot, only get the length.
    if (fallocate(state->part.get(), 0, 0, size) == 0) return {};
    if (errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS)
      return fail(system_error(errno, "allocate"));
    if (ftruncate(state->part.get(), size) != 0) return fail(system_error(errno, "allocate"));
    return {};
  };
  if (auto made = make(); !made) {
    (void)remove(directory, name);
    return fail(made.error());
  }
  return PartFile(std::move(state));
}

Result<PartFile> PartFile::open(const Directory& directory, const std::string& name) {
  auto journal = read_journal(directory, journal_name(name));
  if (!journal) return fail(journal.error());
  if (!makes_sense(journal->plan)) return fail(ErrorCode::not_found);
  auto handle = directory.open_directory("");
  if (!handle) return fail(handle.error());
  auto state = std::make_unique<State>(std::move(*handle), name, std::move(journal->plan));
  if (auto opened = state->open_part(0); !opened) return fail(opened.error());

  std::map<std::uint64_t, Digest> prefixes;
  std::map<std::uint64_t, Digest> chunks;
  for (const PartRecord& record : journal->records)
    if (record.index < state->plan.chunk_count())
      (record.prefix ? prefixes : chunks)[record.index] = record.digest;

  // A record is a claim: each chunk is read and hashed again, and what does not match was never there.
  PartJournal kept = {state->plan, {}};
  for (const auto& [index, digest] : prefixes) {
    if (index != state->prefix) break;
    const auto bytes = state->read_chunk(index);
    if (!bytes) break;
    Hasher longer = state->hasher;
    longer.update(*bytes);
    if (longer.digest() != digest) break;
    state->hasher = longer;
    ++state->prefix;
    kept.records.push_back({index, true, digest});
  }
  for (const auto& [index, digest] : chunks) {
    if (index < state->prefix) continue;
    const auto bytes = state->read_chunk(index);
    if (!bytes || digest_of(*bytes) != digest) continue;
    state->scattered.emplace(index, digest);
    kept.records.push_back({index, false, digest});
  }
  if (auto written = write_journal(directory, journal_name(name), kept); !written)
    return fail(written.error());
  if (auto opened = state->open_journal(); !opened) return fail(opened.error());
  if (auto grown = state->grow_prefix(); !grown) return fail(grown.error());
  return PartFile(std::move(state));
}

Result<PartPlan> PartFile::read_plan(const Directory& directory, const std::string& name) {
  return read_journal_plan(directory, journal_name(name));
}

Result<> PartFile::remove(const Directory& directory, const std::string& name) {
  // The journal first: a part without one is nothing, a journal without a part is a promise.
  for (const std::string& file : {journal_name(name), journal_name(name) + ".new", part_name(name)})
    if (auto removed = remove_name(directory, file); !removed) return removed;
  return {};
}

const PartPlan& PartFile::plan() const {
  return state_->plan;
}
int PartFile::fd() const {
  return state_->part.get();
}
std::uint64_t PartFile::chunks_present() const {
  return state_->prefix + state_->scattered.size();
}
bool PartFile::has(std::uint64_t index) const {
  return index < state_->prefix || state_->scattered.contains(index);
}

Result<std::vector<ChunkRun>> PartFile::runs() const {
  std::vector<ChunkRun> runs;
  if (state_->prefix != 0) runs.push_back({0, state_->prefix, state_->hasher.digest()});
  for (auto at = state_->scattered.begin(); at != state_->scattered.end();) {
    ChunkRun run = {at->first, 0, {}};
    Hasher hasher;
    for (; at != state_->scattered.end() && at->first == run.first + run.count; ++at, ++run.count) {
      const auto bytes = state_->read_chunk(at->first);
      if (!bytes) return fail(bytes.error());
      hasher.update(*bytes);
    }
    run.digest = hasher.digest();
    runs.push_back(run);
  }
  return runs;
}

Result<> PartFile::write_chunk(std::uint64_t index, ByteView bytes, const std::optional<Digest>& expected) {
  State& state = *state_;
  if (index >= state.plan.chunk_count())
    return fail(ErrorCode::invalid, "a chunk beyond the end of the file");
  if (bytes.size() != state.plan.chunk_length(index))
    return fail(ErrorCode::invalid, "a chunk of another length");
  if (expected && digest_of(bytes) != *expected) return fail(ErrorCode::wrong_digest);
  if (index < state.prefix)  // its bytes are in the running hash: that has to begin anew before it
    if (auto forgotten = forget_from(index); !forgotten) return forgotten;
  if (auto written = write_at(state.part.get(), bytes, state.plan.chunk_offset(index)); !written)
    return written;
  if (index != state.prefix) {
    const Digest digest = expected ? *expected : digest_of(bytes);
    if (auto noted = append_record(state.journal.get(), {index, false, digest}); !noted) return noted;
    state.scattered[index] = digest;
    return {};
  }
  Hasher longer = state.hasher;
  longer.update(bytes);
  if (auto noted = append_record(state.journal.get(), {index, true, longer.digest()}); !noted) return noted;
  state.hasher = longer;
  state.scattered.erase(index);
  ++state.prefix;
  return state.scattered.empty() ? Result<>() : state.grow_prefix();
}

Result<> PartFile::forget_from(std::uint64_t first) {
  State& state = *state_;
  if (first < state.prefix) {
    // The journal keeps no digests in memory, so the shorter prefix is hashed again; it happens only where a
    // source changed.
    Hasher shorter;
    PartJournal journal = {state.plan, {}};
    for (std::uint64_t index = 0; index < first; ++index) {
      const auto bytes = state.read_chunk(index);
      if (!bytes) return fail(bytes.error());
      shorter.update(*bytes);
      journal.records.push_back({index, true, shorter.digest()});
    }
    if (auto written = write_journal(state.directory, journal_name(state.name), journal); !written)
      return written;
    if (auto opened = state.open_journal(); !opened) return opened;
    state.hasher = shorter;
    state.prefix = first;
  }
  state.scattered.erase(state.scattered.lower_bound(first), state.scattered.end());
  return {};
}

Result<Digest> PartFile::digest() {
  if (state_->prefix != state_->plan.chunk_count()) return fail(ErrorCode::incomplete);
  return state_->hasher.digest();
}

void PartFile::set_attributes(const FileTime& mtime, std::uint32_t mode) {
  state_->plan.mtime = mtime;
  state_->plan.mode = mode;
}

Result<> PartFile::seal(bool durable) {
  const int fd = state_->part.get();
  if (fchmod(fd, state_->plan.mode & 0777U) != 0) return fail(system_error(errno, "set mode"));
  const std::array<timespec, 2> times = {timespec{0, UTIME_OMIT}, state_->plan.mtime.to_timespec()};
  if (futimens(fd, times.data()) != 0) return fail(system_error(errno, "set time"));
  if (durable && fsync(fd) != 0) return fail(system_error(errno, "sync"));
  return {};
}

Result<> PartFile::publish(const Directory& target, const std::string& path) {
  if (auto moved = state_->directory.move_to(part_name(state_->name), target, path); !moved) return moved;
  return remove_name(state_->directory, journal_name(state_->name));
}

Result<> PartFile::discard() {
  return remove(state_->directory, state_->name);
}

}  // namespace sampan::disk
