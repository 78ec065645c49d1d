#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "disk/directory.h"
#include "disk/part_file.h"

namespace sampan::disk {

/// The journal beside a part: what is to be received and what has arrived. The file, all integers
/// little-endian:
///
///     8 bytes   "SAMPANJ1"
///     u32       length N of the plan
///     N bytes   the plan: u64 size, u32 chunk size, i64 mtime seconds, u32 nanoseconds, u32 mode, then
///     target and tag, each u32 length + bytes 8 bytes   the first 8 of BLAKE3(plan) then records of 48
///     bytes: u64 chunk index, its top bit set for a prefix digest; 32 bytes digest; 8 bytes, the first of
///     BLAKE3(the 40 before)
///
/// A prefix record of chunk i holds the digest of all bytes up to and including chunk i; a chunk record that
/// of chunk i alone. Records are appended, later ones win; a torn or damaged record ends the journal. Nothing
/// here is synced: a record that a power cut loses only costs sending a chunk again.
struct PartRecord {
  std::uint64_t index = 0;
  bool prefix = false;
  Digest digest;
};

struct PartJournal {
  PartPlan plan;
  std::vector<PartRecord> records;
  bool torn =
      false;  ///< read only: something follows the last good record, and appending would not be understood
};

/// Replaces NAME atomically by a journal of this plan and these records. invalid where target and tag are
/// longer than 64 KiB together.
Result<> write_journal(const Directory& directory, const std::string& name, const PartJournal& journal);
/// not_found where there is none or its plan is damaged.
Result<PartJournal> read_journal(const Directory& directory, const std::string& name);
/// Only the plan.
Result<PartPlan> read_journal_plan(const Directory& directory, const std::string& name);
/// One record at the end of an open journal (O_APPEND), whole or, as far as can be, not at all.
Result<> append_record(int fd, const PartRecord& record);

}  // namespace sampan::disk
