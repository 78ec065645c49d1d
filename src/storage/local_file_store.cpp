#include "storage/local_file_store.h"

#include <cerrno>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/random.h"
#include "base/system_error.h"
#include "disk/read_at.h"
#include "disk/small_file.h"
#include "disk/tree.h"
#include "storage/file_digest.h"

namespace sampan::storage {
namespace {

constexpr std::size_t count_page = 4096;

// The server must be able to read what it keeps, and to enter and change the directories; the other bits are
// the user's.
std::uint32_t file_mode(std::uint32_t mode) {
  return (mode & 0777U) | 0400U;
}
std::uint32_t directory_mode(std::uint32_t mode) {
  return (mode & 0777U) | 0700U;
}

Entry entry_of(std::string name, const disk::FileInfo& info) {
  return {std::move(name), info.type, info.type == FileType::directory ? 0 : info.size, info.mtime,
          info.mode & 0777U};
}

Result<disk::FileInfo> info_of_fd(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return fail(system_error(errno, "stat"));
  return disk::info_of(status);
}

// One staged upload per path: its name on disk follows from the path, so a later process finds it without an
// index.
std::string staged_name(const VirtualPath& path) {
  return digest_of(as_bytes(path.relative())).hex().substr(0, 32);
}

class LocalStoredFile final : public StoredFile {
 public:
  LocalStoredFile(UniqueFd fd, const disk::FileInfo& info, std::string name)
      : fd_(std::move(fd)), info_(info), entry_(entry_of(std::move(name), info)) {}

  const Entry& entry() const override { return entry_; }
  Result<std::size_t> read(ByteSpan room, std::uint64_t offset) const override {
    return disk::read_at(fd_.get(), room, offset);
  }
  bool read_now(ByteSpan room, std::uint64_t offset) const override {
    return disk::read_cached(fd_.get(), room, offset);
  }
  Result<Digest> digest() const override {
    if (auto kept = kept_digest(fd_.get(), info_)) return *kept;
    auto computed = compute_digest(fd_.get(), info_);
    if (computed) keep_digest(fd_.get(), info_, *computed);
    return computed;
  }

 private:
  UniqueFd fd_;
  disk::FileInfo info_;
  Entry entry_;
};

class LocalStagedWhole final : public StagedFile {
 public:
  LocalStagedWhole(const disk::Directory& home, disk::SmallFile file) : home_(home), file_(std::move(file)) {}

  void prepare(const Digest& digest) override {
    (void)note(digest);
    file_.start_sync();
  }
  Result<> seal(const Digest& digest) override {
    if (auto noted = note(digest); !noted) return noted;
    return file_.sync();
  }
  Result<> publish(const VirtualPath& path) override { return file_.publish(home_, path.relative()); }

 private:
  // Once: noted again between the syncs of others, it would be one more transaction of the disk's.
  Result<> note(const Digest& digest) {
    if (noted_) return {};
    const auto info = info_of_fd(file_.fd());
    if (!info) return fail(info.error());
    keep_digest(file_.fd(), *info, digest);
    noted_ = true;
    return {};
  }

  const disk::Directory& home_;
  disk::SmallFile file_;
  bool noted_ = false;
};

class LocalStagedChunks final : public StagedChunks {
 public:
  LocalStagedChunks(const disk::Directory& home, disk::PartFile part) : home_(home), part_(std::move(part)) {}

  std::uint32_t chunk_size() const override { return part_.plan().chunk_size; }
  std::uint64_t chunks_present() const override { return part_.chunks_present(); }
  Result<std::vector<ChunkRun>> runs() const override { return part_.runs(); }
  Result<> write_chunk(std::uint64_t index, ByteView bytes, const std::optional<Digest>& expected) override {
    return part_.write_chunk(index, bytes, expected);
  }
  Result<Digest> digest() override { return part_.digest(); }
  Result<> discard() override { return part_.discard(); }

  Result<> seal(const Digest& digest) override {
    // The attribute's stamp holds the mtime that the file will have, so that is set first; the sync comes
    // last and covers all.
    if (auto set = part_.seal(false); !set) return set;
    const auto info = info_of_fd(part_.fd());
    if (!info) return fail(info.error());
    keep_digest(part_.fd(), *info, digest);
    return part_.seal(true);
  }
  Result<> publish(const VirtualPath& path) override { return part_.publish(home_, path.relative()); }

 private:
  const disk::Directory& home_;
  disk::PartFile part_;
};

Result<std::vector<std::string>> names_in(const disk::Directory& directory) {
  std::vector<std::string> names;
  std::int64_t cursor = 0;
  do {
    auto page = directory.list("", cursor, count_page);
    if (!page) return fail(page.error());
    for (disk::DirectoryEntry& entry : page->entries) names.push_back(std::move(entry.name));
    cursor = page->next;
  } while (cursor != 0);
  return names;
}

// A directory that the operator has shut to us counts as one entry: the user cannot change what is in it.
bool is_gone_or_shut(const Error& error) {
  return error.code() == ErrorCode::not_found || error.code() == ErrorCode::denied;
}

// The entries of one directory; its own directories go to `left`.
Result<> count_in(const disk::TreePlace& at, Usage& usage, std::vector<disk::TreePlace>& left) {
  std::int64_t cursor = 0;
  do {
    const auto page = at.base().list(at.path(), cursor, count_page);
    if (!page) return fail(page.error());
    for (const disk::DirectoryEntry& entry : page->entries) {
      ++usage.files;
      if (entry.info.type == FileType::file) usage.bytes += entry.info.size;
      if (entry.info.type != FileType::directory) continue;
      auto below = at.child(entry.name);
      if (below)
        left.push_back(std::move(*below));
      else if (!is_gone_or_shut(below.error()))
        return fail(below.error());
    }
    cursor = page->next;
  } while (cursor != 0);
  return {};
}

}  // namespace

LocalFileStore::LocalFileStore(disk::Directory home, disk::Directory staging, std::uint32_t chunk_size)
    : home_(std::move(home)), staging_(std::move(staging)), chunk_size_(chunk_size) {}

Result<Usage> LocalFileStore::count() const {
  Usage usage;
  std::vector<disk::TreePlace> left;
  if (auto counted = count_in(disk::TreePlace(home_), usage, left); !counted) return fail(counted.error());
  while (!left.empty()) {
    const disk::TreePlace at = std::move(left.back());
    left.pop_back();
    const auto counted = count_in(at, usage, left);
    if (!counted && !is_gone_or_shut(counted.error())) return fail(counted.error());
  }
  return usage;
}

Result<Entry> LocalFileStore::stat(const VirtualPath& path) const {
  const auto info = home_.stat(path.relative());
  if (!info) return fail(info.error());
  return entry_of(path.is_root() ? "/" : path.name(), *info);
}

Result<Entry> LocalFileStore::link_stat(const VirtualPath& path) const {
  const auto info = home_.link_stat(path.relative());
  if (!info) return fail(info.error());
  return entry_of(path.is_root() ? "/" : path.name(), *info);
}

Result<EntryPage> LocalFileStore::list(const VirtualPath& path, std::int64_t cursor,
                                       std::size_t limit) const {
  auto page = home_.list(path.relative(), cursor, limit);
  if (!page) return fail(page.error());
  EntryPage out;
  out.next = page->next;
  out.entries.reserve(page->entries.size());
  for (disk::DirectoryEntry& entry : page->entries)
    out.entries.push_back(entry_of(std::move(entry.name), entry.info));
  return out;
}

Result<std::unique_ptr<StoredFile>> LocalFileStore::open(const VirtualPath& path) const {
  if (path.is_root()) return fail(ErrorCode::is_a_directory);
  auto fd = home_.open_file(path.relative(), O_RDONLY);
  if (!fd) return fail(fd.error());
  const auto info = info_of_fd(fd->get());
  if (!info) return fail(info.error());
  return std::make_unique<LocalStoredFile>(std::move(*fd), *info, path.name());
}

Result<> LocalFileStore::check_writable(const VirtualPath& path) const {
  return home_.check_writable(path.relative());
}

Result<> LocalFileStore::make_directory(const VirtualPath& path) {
  return home_.make_directory(path.relative());
}
Result<> LocalFileStore::remove_directory(const VirtualPath& path) {
  return home_.remove_directory(path.relative());
}
Result<> LocalFileStore::remove_file(const VirtualPath& path) {
  if (auto removed = home_.remove_file(path.relative()); !removed) return fail(removed.error());
  return {};
}
Result<> LocalFileStore::rename(const VirtualPath& from, const VirtualPath& to, bool replace) {
  return home_.rename(from.relative(), to.relative(), replace);
}
Result<> LocalFileStore::set_mtime(const VirtualPath& path, const FileTime& mtime) {
  return home_.set_times(path.relative(), mtime);
}
Result<> LocalFileStore::set_mode(const VirtualPath& path, std::uint32_t mode) {
  const auto info = home_.link_stat(path.relative());
  if (!info) return fail(info.error());
  const bool directory = info->type == FileType::directory;
  return home_.set_mode(path.relative(), directory ? directory_mode(mode) : file_mode(mode));
}
Result<> LocalFileStore::sync_directory(const VirtualPath& path) {
  return home_.sync(path.relative());
}

Result<std::unique_ptr<StagedFile>> LocalFileStore::stage_whole(const FilePlan& plan, ByteView bytes) {
  auto file = disk::SmallFile::write(staging_, random_token(), bytes, file_mode(plan.mode), plan.mtime);
  if (!file) return fail(file.error());
  return std::make_unique<LocalStagedWhole>(home_, std::move(*file));
}

Result<std::unique_ptr<StagedChunks>> LocalFileStore::stage_chunks(const FilePlan& plan) {
  const disk::PartPlan part_plan = {.target = plan.path.text(),
                                    .size = plan.size,
                                    .chunk_size = chunk_size_,
                                    .mtime = plan.mtime,
                                    .mode = file_mode(plan.mode),
                                    .tag = {}};
  auto part = disk::PartFile::create(staging_, staged_name(plan.path), part_plan);
  if (!part) return fail(part.error());
  return std::make_unique<LocalStagedChunks>(home_, std::move(*part));
}

Result<std::unique_ptr<StagedChunks>> LocalFileStore::resume_chunks(const FilePlan& plan) {
  const std::string name = staged_name(plan.path);
  const auto earlier = disk::PartFile::read_plan(staging_, name);
  if (!earlier) return fail(earlier.error());
  if (earlier->size != plan.size || earlier->chunk_size != chunk_size_ || earlier->target != plan.path.text())
    return fail(ErrorCode::not_found);
  auto part = disk::PartFile::open(staging_, name);
  if (!part) return fail(part.error());
  part->set_attributes(plan.mtime, file_mode(plan.mode));
  return std::make_unique<LocalStagedChunks>(home_, std::move(*part));
}

Result<> LocalFileStore::discard_staged(const VirtualPath& path) {
  return disk::PartFile::remove(staging_, staged_name(path));
}

// The upload of these files, where they belong together and make sense.
Result<std::optional<StagedUpload>> LocalFileStore::staged_upload(const std::string& name) const {
  const auto gone = [](const Error& error) { return error.code() == ErrorCode::not_found; };
  const auto plan = disk::PartFile::read_plan(staging_, name);
  if (!plan && gone(plan.error())) return std::nullopt;
  if (!plan) return fail(plan.error());
  const auto part = staging_.link_stat(name + std::string(disk::part_suffix));
  if (!part && gone(part.error())) return std::nullopt;
  if (!part) return fail(part.error());
  const auto journal = staging_.link_stat(name + std::string(disk::journal_suffix));
  if (!journal && gone(journal.error())) return std::nullopt;
  if (!journal) return fail(journal.error());
  const auto path = VirtualPath::parse(plan->target);
  if (!path || staged_name(*path) != name) return std::nullopt;
  return StagedUpload{*path, plan->size, journal->mtime};
}

Result<std::vector<StagedUpload>> LocalFileStore::list_staged() const {
  const auto names = names_in(staging_);
  if (!names) return fail(names.error());
  std::vector<StagedUpload> uploads;
  for (const std::string& name : *names) {
    if (!name.ends_with(disk::journal_suffix)) continue;
    auto upload = staged_upload(name.substr(0, name.size() - disk::journal_suffix.size()));
    if (!upload) return fail(upload.error());
    if (*upload) uploads.push_back(std::move(**upload));
  }
  return uploads;
}

Result<> LocalFileStore::recover() {
  const auto names = names_in(staging_);
  if (!names) return fail(names.error());
  for (const std::string& name : *names)
    if (name.ends_with(disk::small_file_suffix))  // whole files that nobody was told of
      if (auto removed = staging_.remove_file(name); !removed) return fail(removed.error());
  return disk::PartFile::recover(staging_);
}

}  // namespace sampan::storage
