#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/file_time.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "disk/directory.h"

namespace sampan::disk {

/// What is being received. Kept in the journal, so that a later process knows what the part was meant to
/// become.
struct PartPlan {
  std::string target;            ///< the path it will get; only its owner reads it
  std::uint64_t size = 0;        ///< bytes of the whole file
  std::uint32_t chunk_size = 0;  ///< bytes of every chunk but the last; a multiple of 1024
  FileTime mtime;                ///< to be set at publication
  std::uint32_t mode = 0644;     ///< permission bits, likewise
  std::string tag;  ///< anything the owner wants to find again (a download keeps the expected digest here)

  std::uint64_t chunk_count() const { return size == 0 ? 0 : (size - 1) / chunk_size + 1; }
  std::uint64_t chunk_offset(std::uint64_t index) const { return index * chunk_size; }
  /// Bytes of chunk `index`, which must be below chunk_count().
  std::uint32_t chunk_length(std::uint64_t index) const {
    const std::uint64_t rest = size - chunk_offset(index);
    return rest < chunk_size ? static_cast<std::uint32_t>(rest) : chunk_size;
  }
};

// What the names of a part's files end in.
inline constexpr std::string_view part_suffix = ".part";
inline constexpr std::string_view journal_suffix = ".journal";
/// A journal on its way to replace the one of its name.
inline constexpr std::string_view new_journal_suffix = ".journal.new";

/// Consecutive chunks that are on disk and intact, with the digest of their bytes.
struct ChunkRun {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  Digest digest;
};

/// A file written aside, verified, and published by one rename: old or new, never between.
///
/// Two files in a directory of their own: NAME.part (the bytes, at their final offsets) and NAME.journal (the
/// plan, and a record per chunk that arrived; the format is in part_journal.h). A record is a claim, not a
/// proof: open() hashes the staged bytes again and keeps only the chunks whose digest the journal has. So
/// neither a kill, a power cut nor a flipped bit can make it trust bytes that are not there, and nothing
/// needs to be synced before publish().
///
/// In-order chunks cost one pass of hashing: the digest of the whole grows with them. Dropping the object
/// keeps the part for a resume; discard() removes it. One thread at a time.
class PartFile {
 public:
  /// Starts anew, replacing what stood under NAME. Takes the disk space at once where the file system can
  /// (disk_full before a byte flows).
  static Result<PartFile> create(const Directory& directory, const std::string& name, PartPlan plan);
  /// Takes up an earlier part: reads the journal, hashes the bytes, forgets what does not match. not_found
  /// where there is none that makes sense.
  static Result<PartFile> open(const Directory& directory, const std::string& name);
  /// Only the plan of an earlier part, cheaply. not_found as above.
  static Result<PartPlan> read_plan(const Directory& directory, const std::string& name);
  /// Removes NAME's two files, if they are there.
  static Result<> remove(const Directory& directory, const std::string& name);
  /// After the process that fed them was killed, and before anybody opens one: removes what is not a whole
  /// pair (a part or a journal alone was being made, published or removed), and gives every part that stays
  /// the length of its plan. From then on the plans say what the parts take.
  static Result<> recover(const Directory& directory);

  PartFile(PartFile&&) noexcept;
  PartFile& operator=(PartFile&&) noexcept;
  ~PartFile();

  const PartPlan& plan() const;
  /// Chunks that are there, in order. O(chunks not in the leading run).
  Result<std::vector<ChunkRun>> runs() const;
  std::uint64_t chunks_present() const;
  bool has(std::uint64_t index) const;

  /// Writes one chunk and notes it. invalid where index or length are not the plan's; wrong_digest where
  /// `expected` is given and is not the digest of `bytes` (nothing is kept); disk_full, io_error. A chunk
  /// that is there already is written again; where that fails, it is not there any more.
  Result<> write_chunk(std::uint64_t index, ByteView bytes, const std::optional<Digest>& expected);

  /// Forgets every chunk from `first` on: the other side's bytes are no longer these.
  Result<> forget_from(std::uint64_t first);

  /// The digest of the whole file; incomplete while chunks are missing. Reads again only what did not arrive
  /// in order, or everything where anybody but this object has written into the part since.
  Result<Digest> digest();

  /// For a resume whose source has another time or mode by now; used by seal(). Not kept in the journal.
  void set_attributes(const FileTime& mtime, std::uint32_t mode);

  /// Sets mode and mtime and syncs the bytes; the part is then ready to be renamed. `durable` false leaves
  /// the sync out. Where the sync fails, no chunk is there any more: nobody knows what the disk has.
  Result<> seal(bool durable);
  /// Renames into place below `target` and removes the journal; the caller syncs the directory. Call seal()
  /// first. An error says that nothing has changed. is_a_directory; superseded where another part has been
  /// created under NAME meanwhile.
  Result<> publish(const Directory& target, const std::string& path);
  /// Removes the part.
  Result<> discard();

  /// Of the part's bytes; owned here. For extended attributes.
  int fd() const;

 private:
  struct State;
  explicit PartFile(std::unique_ptr<State> state);
  static Result<> recover_name(const Directory& directory, const std::string& file);
  std::unique_ptr<State> state_;
};

}  // namespace sampan::disk
