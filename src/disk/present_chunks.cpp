#include "disk/present_chunks.h"

namespace sampan::disk {
namespace {

// By index, the later record of a chunk in the place of the earlier.
struct Claims {
  std::map<std::uint64_t, Digest> prefixes;
  std::map<std::uint64_t, Digest> chunks;

  explicit Claims(const std::vector<PartRecord>& records) {
    for (const PartRecord& record : records)
      (record.prefix ? prefixes : chunks)[record.index] = record.digest;
  }
};

}  // namespace

Evidence examine(int fd, const PartPlan& plan, const std::vector<PartRecord>& records) {
  const Claims claims(records);
  const std::uint64_t end = plan.chunk_count();
  Evidence found;
  PresentChunks& chunks = found.chunks;

  for (const auto& [index, digest] : claims.prefixes) {
    if (index != chunks.prefix || index >= end) break;
    Hasher longer = chunks.hasher;
    const auto read = read_chunk(fd, plan, index, [&](ByteView bytes) { longer.update(bytes); });
    if (!read || longer.digest() != digest) break;
    chunks.hasher = longer;
    ++chunks.prefix;
    found.records.push_back({index, true, digest});
  }
  found.all_true = chunks.prefix == claims.prefixes.size();

  for (const auto& [index, digest] : claims.chunks) {
    if (index < chunks.prefix) continue;
    Hasher alone;
    const bool intact = index < end &&
                        read_chunk(fd, plan, index, [&](ByteView bytes) { alone.update(bytes); }) &&
                        alone.digest() == digest;
    if (!intact) {
      found.all_true = false;
      continue;
    }
    chunks.scattered.emplace(index, digest);
    found.records.push_back({index, false, digest});
  }
  return found;
}

std::vector<PartRecord> current_records(const std::vector<PartRecord>& records, const PresentChunks& chunks) {
  const Claims claims(records);
  std::vector<PartRecord> current;
  for (const auto& [index, digest] : claims.prefixes)
    if (index < chunks.prefix) current.push_back({index, true, digest});
  for (const auto& [index, digest] : chunks.scattered) current.push_back({index, false, digest});
  return current;
}

}  // namespace sampan::disk
