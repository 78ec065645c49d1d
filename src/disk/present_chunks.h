#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "disk/part_file.h"
#include "disk/part_journal.h"
#include "disk/read_at.h"

namespace sampan::disk {

/// Hands the bytes of a staged chunk, which must be one of the plan's, to `take(ByteView)` in pieces of at
/// most 256 KiB. incomplete where the file ends before the chunk does; io_error.
template <class Take>
Result<> read_chunk(int fd, const PartPlan& plan, std::uint64_t index, Take take) {
  constexpr std::uint32_t piece_size = 256 * 1024;
  const std::uint32_t length = plan.chunk_length(index);
  const std::uint32_t piece = std::min(length, piece_size);
  const auto room = std::make_unique_for_overwrite<std::byte[]>(piece);
  for (std::uint32_t done = 0; done < length;) {
    const ByteSpan part(room.get(), std::min(piece, length - done));
    const auto got = read_at(fd, part, plan.chunk_offset(index) + done);
    if (!got) return fail(got.error());
    if (*got < part.size()) return fail(ErrorCode::incomplete);
    take(ByteView(part));
    done += static_cast<std::uint32_t>(part.size());
  }
  return {};
}

/// Which chunks of a part are there: a prefix, hashed as one, and scattered ones beyond it, each with a
/// digest of its own.
struct PresentChunks {
  std::uint64_t prefix = 0;                   ///< chunks [0, prefix)
  Hasher hasher;                              ///< of exactly their bytes
  std::map<std::uint64_t, Digest> scattered;  ///< all at or beyond `prefix`

  std::uint64_t count() const { return prefix + scattered.size(); }
  bool has(std::uint64_t index) const { return index < prefix || scattered.contains(index); }
};

/// What is left of a journal's claims after looking.
struct Evidence {
  PresentChunks chunks;
  std::vector<PartRecord> records;  ///< those that say just this
  bool all_true = true;             ///< no record claimed more than the bytes bear out
};

/// Believes of `records` what the staged bytes prove. Only chunks that have a record are read; what cannot be
/// read is not there.
Evidence examine(int fd, const PartPlan& plan, const std::vector<PartRecord>& records);

/// Drops the records that later ones or `chunks` have overtaken.
std::vector<PartRecord> current_records(const std::vector<PartRecord>& records, const PresentChunks& chunks);

}  // namespace sampan::disk
