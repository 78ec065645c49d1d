#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sampan {

/// A BLAKE3-256 value: what `b3sum` prints for the same bytes.
class Digest {
 public:
  static constexpr std::size_t size = 32;

  Digest() = default;
  explicit Digest(std::span<const std::byte, size> bytes);

  /// Reads "blake3:HEX" (64 lower-case or upper-case hex digits); anything else is nullopt.
  static std::optional<Digest> parse(std::string_view text);

  /// "blake3:HEX".
  std::string text() const;
  /// The 64 hex digits alone, as b3sum prints them.
  std::string hex() const;

  ByteView bytes() const { return bytes_; }
  bool operator==(const Digest&) const = default;

 private:
  std::array<std::byte, size> bytes_{};
};

/// Computes a Digest piece by piece. Copying it copies the state (2 KiB), which is how the digest of a prefix
/// is had cheaply. One thread at a time.
class Hasher {
 public:
  Hasher();
  void update(ByteView bytes);
  /// The digest of everything so far; more may follow.
  Digest digest() const;
  /// Bytes taken in so far.
  std::uint64_t count() const { return count_; }

 private:
  alignas(8) std::array<std::byte, 1920> state_;  // a blake3_hasher; held by a static_assert in digest.cpp
  std::uint64_t count_ = 0;
};

Digest digest_of(ByteView bytes);

}  // namespace sampan
