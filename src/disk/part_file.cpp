#include "disk/part_file.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_error.h"
#include "disk/part_journal.h"
#include "disk/part_state.h"
#include "disk/present_chunks.h"
#include "disk/read_at.h"

namespace sampan::disk {
namespace {

constexpr std::size_t names_page = 1024;
constexpr std::uint32_t chunk_least = 1024;
constexpr std::uint32_t chunk_most = 16 * 1024 * 1024;
constexpr std::uint64_t stretch = 8 * 1024 * 1024;  // bytes that go to the disk together
constexpr std::uint64_t catch_up_chunks = 8;  // that one write takes into the running hash besides its own

Result<> check_name(const std::string& name) {
  if (name.empty() || name.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
    return fail(ErrorCode::invalid, "the name of a part is one plain name");
  return {};
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

// Before the first change, as what is removed while a directory is read may hide what is not.
Result<std::vector<std::string>> names_in(const Directory& directory) {
  std::vector<std::string> names;
  std::int64_t cursor = 0;
  do {
    const auto page = directory.list("", cursor, names_page);
    if (!page) return fail(page.error());
    for (const DirectoryEntry& entry : page->entries) names.push_back(entry.name);
    cursor = page->next;
  } while (cursor != 0);
  return names;
}

// Stretch by stretch while the next one arrives: little is then left for the sync at the end. `offset` and
// `count` are what has just been written.
void write_back_whole_stretches(int fd, std::uint64_t offset, std::uint64_t count) {
  const std::uint64_t first = offset / stretch * stretch;
  const std::uint64_t end = (offset + count) / stretch * stretch;
  if (first < end) start_write_back(fd, first, end - first);
}

}  // namespace

PartFile::PartFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
PartFile::PartFile(PartFile&&) noexcept = default;
PartFile& PartFile::operator=(PartFile&&) noexcept = default;
PartFile::~PartFile() = default;

// One name of a directory of parts, whichever of the two files it is.
Result<> PartFile::recover_name(const Directory& directory, const std::string& file) {
  const std::size_t dot = file.rfind('.');
  if (dot == std::string::npos) return {};
  const std::string name = file.substr(0, dot);
  const bool is_part = file == part_name(name);
  if (!is_part && file != journal_name(name))
    return file.ends_with(journal_name("") + ".new") ? remove_name(directory, file) : Result<>();
  const auto plan = read_plan(directory, name);
  if (!plan && plan.error().code() != ErrorCode::not_found) return fail(plan.error());
  const auto part = directory.link_stat(part_name(name));
  if (!part && part.error().code() != ErrorCode::not_found) return fail(part.error());
  if (!plan || !part) return remove(directory, name);
  if (!is_part) return {};
  auto handle = directory.open_directory("");
  if (!handle) return fail(handle.error());
  State state(std::move(*handle), name, *plan);
  if (auto opened = state.open_part(0); !opened) return opened;
  return state.cut_to_size();
}

Result<> PartFile::recover(const Directory& directory) {
  const auto names = names_in(directory);
  if (!names) return fail(names.error());
  for (const std::string& name : *names)
    if (auto recovered = recover_name(directory, name); !recovered) return recovered;
  return {};
}

Result<PartFile> PartFile::create(const Directory& directory, const std::string& name, PartPlan plan) {
  if (!makes_sense(plan)) return fail(ErrorCode::invalid, "a chunk size of 1 KiB to 16 MiB, in KiB");
  if (auto removed = remove(directory, name); !removed) return fail(removed.error());
  if (auto written = write_journal(directory, journal_name(name), {plan, {}}); !written)
    return fail(written.error());
  const auto make = [&]() -> Result<PartFile> {
    auto handle = directory.open_directory("");
    if (!handle) return fail(handle.error());
    auto state = std::make_unique<State>(std::move(*handle), name, std::move(plan));
    if (auto opened = state->open_part(O_CREAT | O_EXCL); !opened) return fail(opened.error());
    if (auto opened = state->open_journal(); !opened) return fail(opened.error());
    if (auto taken = state->take_room(); !taken) return fail(taken.error());
    state->remember_stamp();
    return PartFile(std::move(state));
  };
  auto made = make();
  if (!made) (void)remove(directory, name);
  return made;
}

Result<PartFile> PartFile::open(const Directory& directory, const std::string& name) {
  if (auto checked = check_name(name); !checked) return fail(checked.error());
  auto journal = read_journal(directory, journal_name(name));
  if (!journal) return fail(journal.error());
  if (!makes_sense(journal->plan)) return fail(ErrorCode::not_found);
  auto handle = directory.open_directory("");
  if (!handle) return fail(handle.error());
  auto state = std::make_unique<State>(std::move(*handle), name, std::move(journal->plan));
  if (auto opened = state->open_part(0); !opened) return fail(opened.error());
  if (auto cut = state->cut_to_size(); !cut) return fail(cut.error());

  state->remember_stamp();  // before they are hashed: what is written from here on is noticed
  Evidence found = examine(state->part.get(), state->plan, journal->records);
  state->chunks = std::move(found.chunks);
  state->records = journal->records.size();
  // A journal that is all true stays as it is: its time says when the part last grew.
  const bool sound = found.all_true && !journal->torn;
  if (auto ready = sound ? state->open_journal() : state->rewrite_journal(std::move(found.records)); !ready)
    return fail(ready.error());
  return PartFile(std::move(state));
}

Result<PartPlan> PartFile::read_plan(const Directory& directory, const std::string& name) {
  if (auto checked = check_name(name); !checked) return fail(checked.error());
  auto plan = read_journal_plan(directory, journal_name(name));
  if (plan && !makes_sense(*plan)) return fail(ErrorCode::not_found);
  return plan;
}

Result<> PartFile::remove(const Directory& directory, const std::string& name) {
  if (auto checked = check_name(name); !checked) return checked;
  // The journal first: a part without one is nothing, a journal without a part is a promise.
  for (const std::string& file :
       {journal_name(name), name + std::string(new_journal_suffix), part_name(name)})
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
  return state_->chunks.count();
}
bool PartFile::has(std::uint64_t index) const {
  return state_->chunks.has(index);
}

Result<std::vector<ChunkRun>> PartFile::runs() const {
  const State& state = *state_;
  std::vector<ChunkRun> runs;
  ChunkRun run = {0, state.chunks.prefix, {}};
  Hasher hasher = state.chunks.hasher;
  const auto finish = [&] {
    run.digest = hasher.digest();
    if (run.count != 0) runs.push_back(run);
  };
  for (const auto& [index, digest] : state.chunks.scattered) {
    if (index != run.first + run.count) {
      finish();
      run = {index, 0, {}};
      hasher = Hasher();
    }
    const auto read =
        read_chunk(state.part.get(), state.plan, index, [&](ByteView bytes) { hasher.update(bytes); });
    if (!read) return fail(read.error());
    ++run.count;
  }
  finish();
  return runs;
}

Result<> PartFile::write_chunk(std::uint64_t index, ByteView bytes, const std::optional<Digest>& expected) {
  State& state = *state_;
  PresentChunks& chunks = state.chunks;
  if (index >= state.plan.chunk_count())
    return fail(ErrorCode::invalid, "a chunk beyond the end of the file");
  if (bytes.size() != state.plan.chunk_length(index))
    return fail(ErrorCode::invalid, "a chunk of another length");
  if (expected && digest_of(bytes) != *expected) return fail(ErrorCode::wrong_digest);
  if (index < chunks.prefix) {
    if (const auto same = state.holds(index, bytes); same && *same)
      return {};  // a repetition, as after a lost reply
    if (!state.loosen_prefix(index))
      if (auto forgotten = state.forget_from(index); !forgotten) return forgotten;
  }
  // Between the first new byte and the record, it is neither the old chunk nor the new one.
  chunks.scattered.erase(index);
  state.look_for_strangers();
  const auto written = write_at(state.part.get(), bytes, state.plan.chunk_offset(index));
  state.remember_stamp();
  if (!written) return written;
  write_back_whole_stretches(state.part.get(), state.plan.chunk_offset(index), bytes.size());
  if (index == chunks.prefix) {
    Hasher longer = chunks.hasher;
    longer.update(bytes);
    if (auto noted = state.note({index, true, longer.digest()}); !noted) return noted;
    chunks.hasher = longer;
    ++chunks.prefix;
  } else {
    const Digest digest = expected ? *expected : digest_of(bytes);
    if (auto noted = state.note({index, false, digest}); !noted) return noted;
    chunks.scattered.emplace(index, digest);
  }
  // Should this fail, the new chunk is kept all the same; digest() tries again and tells.
  (void)state.grow_prefix(catch_up_chunks);
  return state.shorten_journal();
}

Result<> PartFile::forget_from(std::uint64_t first) {
  return state_->forget_from(first);
}

Result<Digest> PartFile::digest() {
  State& state = *state_;
  const std::uint64_t count = state.plan.chunk_count();
  if (state.chunks.count() != count) return fail(ErrorCode::incomplete);
  if (auto grown = state.complete_prefix(); !grown) return fail(grown.error());
  state.look_for_strangers();
  if (state.touched)
    if (auto hashed = state.hash_again(); !hashed) return fail(hashed.error());
  return state.chunks.hasher.digest();
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
  if (!durable || fsync(fd) == 0) return {};
  const Error error = system_error(errno, "sync");
  // The kernel has given up bytes that it still shows, and the next sync would say nothing of them: they must
  // be written again. Should the journal not be ours to change, let it lie for as long as this object lives.
  if (!state_->forget_from(0)) state_->chunks = {};
  return fail(error);
}

Result<> PartFile::publish(const Directory& target, const std::string& path) {
  if (auto ours = state_->check_still_ours(); !ours) return ours;
  if (auto moved = state_->directory.move_to(part_name(state_->name), target, path); !moved) return moved;
  // From here on it has happened; a journal without a part means nothing.
  (void)remove_name(state_->directory, journal_name(state_->name));
  return {};
}

Result<> PartFile::discard() {
  if (auto ours = state_->check_still_ours(); !ours && ours.error().code() == ErrorCode::superseded)
    return {};
  return remove(state_->directory, state_->name);
}

}  // namespace sampan::disk
