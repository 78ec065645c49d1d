#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace sampan::disk {

/// Fills `room` from `offset` on; gives fewer bytes only at the end of the file. io_error.
Result<std::size_t> read_at(int fd, ByteSpan room, std::uint64_t offset);
/// Whether `room` was filled from the page cache. False where the disk would have to be waited for, at an
/// early end, and where the file system cannot tell (RWF_NOWAIT, Linux 4.14).
bool read_cached(int fd, ByteSpan room, std::uint64_t offset);
/// Writes all of `bytes`. disk_full, io_error.
Result<> write_at(int fd, ByteView bytes, std::uint64_t offset);
/// Lets the kernel begin to write [offset, offset + count) to the disk (0: to the end), so that a sync later
/// waits for less. A hint: it neither waits nor fails, and what goes wrong meanwhile the sync tells.
void start_write_back(int fd, std::uint64_t offset, std::uint64_t count);

}  // namespace sampan::disk
