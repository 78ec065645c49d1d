#pragma once

#include <cstdint>
#include <vector>

#include "base/digest.h"
#include "client/source.h"

namespace sampan::client {

/// The beginning of a source, hashed while the server is at something of its own and before it is known how
/// much of it is wanted. The states on the way are kept (64 of them, whatever the size), so that going back
/// to a shorter beginning costs at most a thirty-second part of what was hashed. Refers to the source; one
/// thread at a time.
class HashAhead {
 public:
  explicit HashAhead(const Source& source) : source_(source) {}

  /// Takes in the next 256 KiB. False where there is nothing more to take: at the end, or where it cannot be
  /// read, which whoever needs the bytes will find too.
  bool step();
  /// The longest beginning of at most `count` bytes whose state is still known; its count() may be 0.
  Hasher longest(std::uint64_t count) const;

 private:
  const Source& source_;
  std::vector<std::byte> buffer_;
  Hasher hasher_;
  std::uint64_t stride_ = piece;  // bytes from one mark to the next
  std::vector<Hasher> marks_;     // of stride_, 2 * stride_, ...

  static constexpr std::size_t piece = 256 * 1024;
};

}  // namespace sampan::client
