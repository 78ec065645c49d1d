#include "storage/testing/file_store_in_memory.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sampan::storage::testing {

struct FileStoreInMemory::Node {
  FileType type = FileType::file;
  Bytes bytes = std::make_shared<const std::string>();
  FileTime mtime;
  std::uint32_t mode = 0;
  std::int64_t serial = 0;  // of its making: a cursor that stays whatever comes and goes

  Entry entry(const VirtualPath& path) const {
    return {path.is_root() ? "/" : path.name(), type, bytes->size(), mtime, mode};
  }
};

struct FileStoreInMemory::Part {
  FilePlan plan;
  std::string bytes;
  std::map<std::uint64_t, bool> present;
  FileTime last_activity = FileTime::now();
};

/// This version of a file: its bytes are shared, and nobody changes them.
class FileStoreInMemory::OpenFile final : public StoredFile {
 public:
  OpenFile(const FileStoreInMemory& store, Entry entry, Bytes bytes)
      : store_(store), entry_(std::move(entry)), bytes_(std::move(bytes)) {}

  const Entry& entry() const override { return entry_; }
  Result<std::size_t> read(ByteSpan room, std::uint64_t offset) const override {
    const std::lock_guard lock(store_.mutex_);
    if (auto fine = store_.check_disk(); !fine) return fail(fine.error());
    if (offset >= bytes_->size()) return 0U;
    const std::size_t count = std::min<std::size_t>(room.size(), bytes_->size() - offset);
    std::memcpy(room.data(), bytes_->data() + offset, count);
    return count;
  }
  bool read_now(ByteSpan room, std::uint64_t offset) const override {
    const auto got = read(room, offset);
    return got && *got == room.size();
  }
  Result<Digest> digest() const override {
    const std::lock_guard lock(store_.mutex_);
    if (auto fine = store_.check_disk(); !fine) return fail(fine.error());
    return digest_of(as_bytes(*bytes_));
  }

 private:
  const FileStoreInMemory& store_;
  Entry entry_;
  Bytes bytes_;
};

class FileStoreInMemory::Whole final : public StagedFile {
 public:
  Whole(FileStoreInMemory& store, const FilePlan& plan, ByteView bytes)
      : store_(store), plan_(plan), bytes_(std::make_shared<const std::string>(as_text(bytes))) {}

  Result<> seal(const Digest&) override {
    const std::lock_guard lock(store_.mutex_);
    return store_.check_disk();
  }
  Result<> publish(const VirtualPath& path) override {
    const std::lock_guard lock(store_.mutex_);
    return store_.place(path, {FileType::file, bytes_, plan_.mtime, (plan_.mode & 0777U) | 0400U, 0});
  }

 private:
  FileStoreInMemory& store_;
  FilePlan plan_;
  Bytes bytes_;
};

class FileStoreInMemory::Chunks final : public StagedChunks {
 public:
  Chunks(FileStoreInMemory& store, std::shared_ptr<Part> part) : store_(store), part_(std::move(part)) {}

  std::uint32_t chunk_size() const override { return store_.chunk_size_; }
  std::uint64_t chunks_present() const override {
    const std::lock_guard lock(store_.mutex_);
    return part_->present.size();
  }
  Result<std::vector<ChunkRun>> runs() const override {
    const std::lock_guard lock(store_.mutex_);
    std::vector<ChunkRun> runs;
    for (const auto& [index, there] : part_->present) {
      if (runs.empty() || runs.back().first + runs.back().count != index) runs.push_back({index, 0, {}});
      ++runs.back().count;
    }
    for (ChunkRun& run : runs) {
      const std::uint64_t begin = run.first * chunk_size();
      const std::uint64_t end = std::min((run.first + run.count) * chunk_size(), part_->plan.size);
      run.digest = digest_of(as_bytes(part_->bytes).subspan(begin, end - begin));
    }
    return runs;
  }
  Result<> write_chunk(std::uint64_t index, ByteView bytes, const std::optional<Digest>& expected) override {
    const std::lock_guard lock(store_.mutex_);
    if (auto ours = check_ours(); !ours) return ours;
    const std::uint64_t begin = index * chunk_size();
    if (index >= count()) return fail(ErrorCode::invalid);
    if (bytes.size() != std::min<std::uint64_t>(chunk_size(), part_->plan.size - begin))
      return fail(ErrorCode::invalid);
    if (expected && digest_of(bytes) != *expected) return fail(ErrorCode::wrong_digest);
    part_->bytes.replace(begin, bytes.size(), as_text(bytes));
    part_->present[index] = true;
    part_->last_activity = FileTime::now();
    return {};
  }
  Result<Digest> digest() override {
    const std::lock_guard lock(store_.mutex_);
    if (auto ours = check_ours(); !ours) return fail(ours.error());
    if (part_->present.size() != count()) return fail(ErrorCode::incomplete);
    return digest_of(as_bytes(part_->bytes));
  }
  Result<> discard() override {
    const std::lock_guard lock(store_.mutex_);
    if (auto ours = check_ours(); !ours) return ours;
    store_.staged_.erase(part_->plan.path);
    return {};
  }
  Result<> seal(const Digest&) override {
    const std::lock_guard lock(store_.mutex_);
    return check_ours();
  }
  Result<> publish(const VirtualPath& path) override {
    const std::lock_guard lock(store_.mutex_);
    if (auto ours = check_ours(); !ours) return ours;
    const FilePlan& plan = part_->plan;
    Node node = {FileType::file, std::make_shared<const std::string>(part_->bytes), plan.mtime,
                 (plan.mode & 0777U) | 0400U, 0};
    if (auto placed = store_.place(path, std::move(node)); !placed) return placed;
    store_.staged_.erase(plan.path);
    return {};
  }

 private:
  std::uint64_t count() const { return (part_->plan.size + chunk_size() - 1) / chunk_size(); }
  Result<> check_ours() const {
    const auto now = store_.staged_.find(part_->plan.path);
    if (now == store_.staged_.end() || now->second != part_) return fail(ErrorCode::superseded);
    return store_.check_disk();
  }

  FileStoreInMemory& store_;
  std::shared_ptr<Part> part_;
};

FileStoreInMemory::FileStoreInMemory(std::uint32_t chunk_size) : chunk_size_(chunk_size) {
  nodes_[{}] = {FileType::directory, std::make_shared<const std::string>(), FileTime::now(), 0700, 0};
}
FileStoreInMemory::~FileStoreInMemory() = default;

void FileStoreInMemory::fail_with(ErrorCode code, std::size_t steps, std::size_t failures) {
  const std::lock_guard lock(mutex_);
  failure_ = code;
  steps_before_it_ = steps;
  failures_left_ = failures;
}

void FileStoreInMemory::mend() {
  const std::lock_guard lock(mutex_);
  failure_.reset();
}

Result<> FileStoreInMemory::check_disk() const {
  if (!failure_ || failures_left_ == 0) return {};
  if (steps_before_it_ != 0) {
    --steps_before_it_;
    return {};
  }
  --failures_left_;
  return fail(*failure_);
}

// Every directory on the way to a name.
Result<> FileStoreInMemory::check_parent(const VirtualPath& path) const {
  if (path.is_root()) return {};
  const VirtualPath parent = path.parent();
  if (auto above = check_parent(parent); !above) return above;
  const auto found = nodes_.find(parent);
  if (found == nodes_.end()) return fail(ErrorCode::not_found);
  return found->second.type == FileType::directory ? Result<>() : fail(ErrorCode::not_a_directory);
}

Result<const FileStoreInMemory::Node*> FileStoreInMemory::find(const VirtualPath& path) const {
  if (auto reached = check_parent(path); !reached) return fail(reached.error());
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return fail(ErrorCode::not_found);
  return &found->second;
}

Result<FileStoreInMemory::Node*> FileStoreInMemory::find(const VirtualPath& path) {
  const auto found = std::as_const(*this).find(path);
  if (!found) return fail(found.error());
  return &nodes_.at(path);
}

bool FileStoreInMemory::has_children(const VirtualPath& path) const {
  const auto next = nodes_.upper_bound(path);
  return next != nodes_.end() && next->first.starts_with(path);
}

Result<> FileStoreInMemory::place(const VirtualPath& path, Node node) {
  if (auto fine = check_disk(); !fine) return fine;
  if (path.is_root()) return fail(ErrorCode::invalid);
  if (auto reached = check_parent(path); !reached) return reached;
  const auto there = nodes_.find(path);
  if (there != nodes_.end() && there->second.type == FileType::directory)
    return fail(ErrorCode::is_a_directory);
  node.serial = next_serial_++;
  nodes_[path] = std::move(node);
  changed_in(path.parent());
  return {};
}

void FileStoreInMemory::changed_in(const VirtualPath& directory) {
  nodes_.at(directory).mtime = FileTime::now();
}

Result<Usage> FileStoreInMemory::count() const {
  const std::lock_guard lock(mutex_);
  Usage usage;
  for (const auto& [path, node] : nodes_) {
    if (path.is_root()) continue;
    ++usage.files;
    usage.bytes += node.bytes->size();
  }
  return usage;
}

Result<Entry> FileStoreInMemory::stat(const VirtualPath& path) const {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return fail(node.error());
  return (*node)->entry(path);
}

Result<EntryPage> FileStoreInMemory::list(const VirtualPath& path, std::int64_t cursor,
                                          std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  if (limit == 0) return fail(ErrorCode::invalid);
  const auto directory = find(path);
  if (!directory) return fail(directory.error());
  if ((*directory)->type != FileType::directory) return fail(ErrorCode::not_a_directory);
  if (cursor < 0) return fail(ErrorCode::invalid);
  std::map<std::int64_t, Entry> in_order;
  for (auto at = nodes_.upper_bound(path); at != nodes_.end() && at->first.starts_with(path); ++at)
    if (at->first.parent() == path && at->second.serial > cursor)
      in_order.emplace(at->second.serial, at->second.entry(at->first));
  EntryPage page;
  for (auto& [serial, entry] : in_order) {
    page.entries.push_back(std::move(entry));
    if (page.entries.size() == limit) {
      page.next = serial;
      break;
    }
  }
  return page;
}

Result<std::unique_ptr<StoredFile>> FileStoreInMemory::open(const VirtualPath& path) const {
  const std::lock_guard lock(mutex_);
  if (path.is_root()) return fail(ErrorCode::is_a_directory);
  const auto node = find(path);
  if (!node) return fail(node.error());
  if ((*node)->type == FileType::directory) return fail(ErrorCode::is_a_directory);
  return std::make_unique<OpenFile>(*this, (*node)->entry(path), (*node)->bytes);
}

Result<> FileStoreInMemory::check_writable(const VirtualPath& path) const {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return fail(node.error());
  return (*node)->type == FileType::directory ? Result<>() : fail(ErrorCode::not_a_directory);
}

Result<> FileStoreInMemory::make_directory(const VirtualPath& path) {
  const std::lock_guard lock(mutex_);
  if (path.is_root()) return fail(ErrorCode::invalid);
  if (auto reached = check_parent(path); !reached) return reached;
  if (nodes_.contains(path)) return fail(ErrorCode::exists);
  return place(path, {FileType::directory, std::make_shared<const std::string>(), FileTime::now(), 0700, 0});
}

Result<> FileStoreInMemory::remove_directory(const VirtualPath& path) {
  const std::lock_guard lock(mutex_);
  if (path.is_root()) return fail(ErrorCode::invalid);
  const auto node = find(path);
  if (!node) return fail(node.error());
  if ((*node)->type != FileType::directory) return fail(ErrorCode::not_a_directory);
  if (has_children(path)) return fail(ErrorCode::not_empty);
  if (auto fine = check_disk(); !fine) return fine;
  nodes_.erase(path);
  changed_in(path.parent());
  return {};
}

Result<> FileStoreInMemory::remove_file(const VirtualPath& path) {
  const std::lock_guard lock(mutex_);
  if (path.is_root()) return fail(ErrorCode::invalid);
  const auto node = find(path);
  if (!node) return fail(node.error());
  if ((*node)->type == FileType::directory) return fail(ErrorCode::is_a_directory);
  if (auto fine = check_disk(); !fine) return fine;
  nodes_.erase(path);
  changed_in(path.parent());
  return {};
}

Result<> FileStoreInMemory::rename(const VirtualPath& from, const VirtualPath& to, bool replace) {
  const std::lock_guard lock(mutex_);
  if (from.is_root() || to.is_root()) return fail(ErrorCode::invalid);
  if (auto reached = check_parent(from); !reached) return reached;
  if (auto reached = check_parent(to); !reached) return reached;
  const auto source = find(from);
  if (!source) return fail(source.error());
  if (to.starts_with(from)) return fail(ErrorCode::invalid);
  const bool directory = (*source)->type == FileType::directory;
  if (const auto there = nodes_.find(to); there != nodes_.end()) {
    const bool onto_directory = there->second.type == FileType::directory;
    if (!replace) return fail(ErrorCode::exists);
    if (directory && !onto_directory) return fail(ErrorCode::not_a_directory);
    if (!directory && onto_directory) return fail(ErrorCode::is_a_directory);
    if (onto_directory && has_children(to)) return fail(ErrorCode::not_empty);
  }
  if (auto fine = check_disk(); !fine) return fine;
  std::map<VirtualPath, Node> moved;
  for (auto at = nodes_.lower_bound(from); at != nodes_.end() && at->first.starts_with(from);) {
    std::string text = to.text();
    for (std::size_t i = from.names().size(); i < at->first.names().size(); ++i)
      text += "/" + at->first.names()[i];
    moved.emplace(*VirtualPath::parse(text), std::move(at->second));
    at = nodes_.erase(at);
  }
  for (auto& [path, node] : moved) nodes_[path] = std::move(node);
  changed_in(from.parent());
  changed_in(to.parent());
  return {};
}

Result<> FileStoreInMemory::set_mtime(const VirtualPath& path, const FileTime& mtime) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return fail(node.error());
  if (auto fine = check_disk(); !fine) return fine;
  (*node)->mtime = mtime;
  return {};
}

Result<> FileStoreInMemory::set_mode(const VirtualPath& path, std::uint32_t mode) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return fail(node.error());
  if (auto fine = check_disk(); !fine) return fine;
  (*node)->mode = (mode & 0777U) | ((*node)->type == FileType::directory ? 0700U : 0400U);
  return {};
}

Result<> FileStoreInMemory::sync_directory(const VirtualPath& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return fail(node.error());
  if ((*node)->type != FileType::directory) return fail(ErrorCode::not_a_directory);
  return check_disk();
}

Result<std::unique_ptr<StagedFile>> FileStoreInMemory::stage_whole(const FilePlan& plan, ByteView bytes) {
  const std::lock_guard lock(mutex_);
  if (auto fine = check_disk(); !fine) return fail(fine.error());
  return std::make_unique<Whole>(*this, plan, bytes);
}

Result<std::unique_ptr<StagedChunks>> FileStoreInMemory::stage_chunks(const FilePlan& plan) {
  const std::lock_guard lock(mutex_);
  if (auto fine = check_disk(); !fine) return fail(fine.error());
  auto part = std::make_shared<Part>();
  part->plan = plan;
  part->bytes.resize(plan.size);
  staged_[plan.path] = part;
  return std::make_unique<Chunks>(*this, part);
}

Result<std::unique_ptr<StagedChunks>> FileStoreInMemory::resume_chunks(const FilePlan& plan) {
  const std::lock_guard lock(mutex_);
  const auto found = staged_.find(plan.path);
  if (found == staged_.end() || found->second->plan.size != plan.size) return fail(ErrorCode::not_found);
  if (auto fine = check_disk(); !fine) return fail(fine.error());
  found->second->plan = plan;  // its time and mode are the later ones
  return std::make_unique<Chunks>(*this, found->second);
}

Result<> FileStoreInMemory::discard_staged(const VirtualPath& path) {
  const std::lock_guard lock(mutex_);
  if (auto fine = check_disk(); !fine) return fine;
  staged_.erase(path);
  return {};
}

Result<std::vector<StagedUpload>> FileStoreInMemory::list_staged() const {
  const std::lock_guard lock(mutex_);
  std::vector<StagedUpload> uploads;
  for (const auto& [path, part] : staged_) uploads.push_back({path, part->plan.size, part->last_activity});
  return uploads;
}

}  // namespace sampan::storage::testing
