#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "disk/directory.h"
#include "disk/part_file.h"
#include "disk/part_journal.h"
#include "disk/present_chunks.h"

namespace sampan::disk {

// The names of a part's two files.
std::string part_name(const std::string& name);
std::string journal_name(const std::string& name);

/// The inside of a PartFile: its two open files, and what of the file is there. `chunks` never says more than
/// the staged bytes and the journal bear out together; every step writes the bytes first, then the record,
/// and only then changes `chunks`.
struct PartFile::State {
  State(Directory handle, std::string part_of, PartPlan what)
      : directory(std::move(handle)), name(std::move(part_of)), plan(std::move(what)) {}

  Directory directory;  // of its own, so that the part does not depend on the caller's handle
  std::string name;
  PartPlan plan;
  UniqueFd part;
  UniqueFd journal;
  std::uint64_t records = 0;  // in the journal, overtaken ones included
  PresentChunks chunks;
  FileTime stamp;        // the part's ctime after our own latest change of it
  bool touched = false;  // and somebody else's came between

  /// Of `flags`, O_CREAT | O_EXCL or nothing. not_found, denied.
  Result<> open_part(int flags);
  Result<> open_journal();
  /// Takes the disk space of the whole file. disk_full.
  Result<> take_room();
  /// What follows the last chunk has no digest, and must not be published with it.
  Result<> cut_to_size();
  /// superseded where NAME was created anew under us: then its two files are somebody else's. not_found where
  /// it is gone.
  Result<> check_still_ours() const;

  /// Before our own next change, and at the end: a ctime that is not ours tells of a stranger who wrote into
  /// the part, and nobody can set it back.
  void look_for_strangers();
  void remember_stamp();
  /// The digest of the whole as it is on the disk by now, whatever came in.
  Result<> hash_again();

  Result<> note(const PartRecord& record);
  Result<> rewrite_journal(std::vector<PartRecord> current);
  /// Drops overtaken records once they are many: a peer that sends one chunk over and over must not fill the
  /// disk with them.
  Result<> shorten_journal();

  /// Takes up to `limit` chunks that follow the prefix into the running hash, and notes them so.
  Result<> grow_prefix(std::uint64_t limit);
  /// Takes all of them, without a note: each has its own, and a full disk must not stand in the way of the
  /// end.
  Result<> complete_prefix();
  /// Whether the staged bytes of a chunk are just these.
  Result<bool> holds(std::uint64_t index, ByteView bytes) const;
  /// Ends the prefix before `index`; the chunks behind it get digests of their own and stay. io_error where
  /// the bytes have changed.
  Result<> loosen_prefix(std::uint64_t index);
  /// Forgets all chunks from `first` on, in the journal too.
  Result<> forget_from(std::uint64_t first);

 private:
  Result<Hasher> longer_by_one() const;
  UniqueFd open_one(const std::string& file, int flags) const;
};

}  // namespace sampan::disk
