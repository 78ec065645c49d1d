#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sampan {

/// A SIZE as people type it: bytes, or a number with KiB, MiB, GiB, TiB (powers of 1024) or KB, MB, GB, TB
/// (powers of 1000), with or without a fraction and a space: "10MiB", "1.5 GB". Not negative, at most 2^63-1
/// bytes; anything else is nullopt.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// Bytes for people: at most four characters and a unit, powers of 1024, no trailing ".0": "0 B", "9.1 MiB",
/// "100 MiB".
std::string format_size(std::uint64_t bytes);

/// A duration for people: "42 s", "3:07", "1:02:03".
std::string format_duration(std::uint64_t seconds);

}  // namespace sampan
