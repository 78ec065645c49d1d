#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/file_time.h"
#include "base/result.h"
#include "disk/directory.h"
#include "disk/part_file.h"
#include "storage/usage.h"
#include "storage/virtual_path.h"

namespace sampan::storage {

using disk::ChunkRun;
using disk::FileType;

/// What an upload is cut into (docs/protocol.md): what a lost connection can waste; also the knee of batch
/// sizes.
inline constexpr std::uint32_t upload_chunk_size = 256 * 1024;

/// One name in a home, as every protocol shows it.
struct Entry {
  std::string name;
  FileType type = FileType::other;
  std::uint64_t size = 0;
  FileTime mtime;
  std::uint32_t mode = 0;  ///< permission bits, 0777
};

struct EntryPage {
  std::vector<Entry> entries;
  std::int64_t next = 0;  ///< where to go on; 0 at the end
};

/// What a file is to become.
struct FilePlan {
  VirtualPath path;
  std::uint64_t size = 0;
  FileTime mtime;
  std::uint32_t mode = 0644;
};

/// The proof that a file arrived: given only after its bytes and its name are durable.
struct Receipt {
  VirtualPath path;
  std::uint64_t size = 0;
  Digest digest;
  FileTime mtime;
};

/// A file opened for reading: this version of it, whatever happens to its name. Thread-safe.
class StoredFile {
 public:
  virtual ~StoredFile() = default;
  virtual const Entry& entry() const = 0;
  /// Bytes from `offset` on; fewer than asked for only at the end. io_error.
  virtual Result<std::size_t> read(ByteSpan room, std::uint64_t offset) const = 0;
  /// Whether `room` could be filled without waiting for the disk, and was. If not, read() tells why.
  virtual bool read_now(ByteSpan room, std::uint64_t offset) const = 0;
  /// The one kept with the file where its stamp still fits, else computed by reading everything (and kept).
  /// changed where the file changed meanwhile.
  virtual Result<Digest> digest() const = 0;
};

/// Bytes on their way to a name; not to be seen under it before publish(). One thread at a time.
class StagedFile {
 public:
  virtual ~StagedFile() = default;
  /// Before a seal() of the same digest: what it would do without waiting for the disk. Of many files at
  /// once, each is prepared before the first is sealed, so that the disk is waited for once and not for each.
  /// A hint.
  virtual void prepare(const Digest& /*digest*/) {}
  /// Notes the digest with the file and makes its bytes durable.
  virtual Result<> seal(const Digest& digest) = 0;
  /// Renames it into place. A file that stood there is replaced; a directory is not (is_a_directory).
  /// not_found where the parent is gone. The name is durable after FileStore::sync_directory.
  virtual Result<> publish(const VirtualPath& path) = 0;
};

/// A staged file that arrives in chunks and survives the process: see disk::PartFile.
class StagedChunks : public StagedFile {
 public:
  virtual std::uint32_t chunk_size() const = 0;
  virtual std::uint64_t chunks_present() const = 0;
  virtual Result<std::vector<ChunkRun>> runs() const = 0;
  virtual Result<> write_chunk(std::uint64_t index, ByteView bytes,
                               const std::optional<Digest>& expected) = 0;
  virtual Result<Digest> digest() = 0;
  virtual Result<> discard() = 0;
};

/// An upload that was begun and neither finished nor aborted.
struct StagedUpload {
  VirtualPath path;
  std::uint64_t size = 0;
  FileTime last_activity;
};

/// Where one home's bytes are: the seam below which the local disk (and later an object store) lies. It knows
/// neither quotas nor sessions; Home decides. An error says that nothing has changed. A power cut may undo a
/// change of names until sync_directory() has synced the directories that they are in. Thread-safe;
/// everything may block.
class FileStore {
 public:
  virtual ~FileStore() = default;

  /// Counts everything below the home. O(entries).
  virtual Result<Usage> count() const = 0;

  /// Follows links inside the home.
  virtual Result<Entry> stat(const VirtualPath& path) const = 0;
  /// Of the name itself.
  virtual Result<Entry> link_stat(const VirtualPath& path) const = 0;
  virtual Result<EntryPage> list(const VirtualPath& path, std::int64_t cursor, std::size_t limit) const = 0;
  virtual Result<std::unique_ptr<StoredFile>> open(const VirtualPath& path) const = 0;
  /// denied where nothing can get a name in the directory `path`.
  virtual Result<> check_writable(const VirtualPath& path) const = 0;

  /// Private: only its owner may enter.
  virtual Result<> make_directory(const VirtualPath& path) = 0;
  virtual Result<> remove_directory(const VirtualPath& path) = 0;
  virtual Result<> remove_file(const VirtualPath& path) = 0;
  virtual Result<> rename(const VirtualPath& from, const VirtualPath& to, bool replace) = 0;
  virtual Result<> set_mtime(const VirtualPath& path, const FileTime& mtime) = 0;
  virtual Result<> set_mode(const VirtualPath& path, std::uint32_t mode) = 0;
  /// Makes the names in the directory `path` durable.
  virtual Result<> sync_directory(const VirtualPath& path) = 0;

  /// A file that is here whole.
  virtual Result<std::unique_ptr<StagedFile>> stage_whole(const FilePlan& plan, ByteView bytes) = 0;
  /// Starts a chunked upload, replacing an earlier one to the same path. disk_full before a byte flows.
  virtual Result<std::unique_ptr<StagedChunks>> stage_chunks(const FilePlan& plan) = 0;
  /// The plan's earlier upload, its bytes verified. not_found where there is none of this path and size.
  virtual Result<std::unique_ptr<StagedChunks>> resume_chunks(const FilePlan& plan) = 0;
  /// Whatever is staged for `path`, if anything; where it fails, again.
  virtual Result<> discard_staged(const VirtualPath& path) = 0;
  virtual Result<std::vector<StagedUpload>> list_staged() const = 0;
  /// After a server was killed, the power cut or the disk failed, and before anybody else uses the home:
  /// removes what nothing can be made of, so that list_staged() tells of all that is left aside.
  virtual Result<> recover() = 0;
};

}  // namespace sampan::storage
