#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace sampan::disk {

/// Fills `room` from `offset` on; gives fewer bytes only at the end of the file. io_error.
Result<std::size_t> read_at(int fd, ByteSpan room, std::uint64_t offset);
/// Writes all of `bytes`. disk_full, io_error.
Result<> write_at(int fd, ByteView bytes, std::uint64_t offset);

}  // namespace sampan::disk
