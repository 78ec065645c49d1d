#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sampan {

/// Lower-case hex.
std::string encode_hex(ByteView bytes);
/// An even number of hex digits of either case; anything else is nullopt.
std::optional<std::string> decode_hex(std::string_view text);

/// RFC 4648 section 4, with padding.
std::string encode_base64(ByteView bytes);
/// RFC 4648 section 4, padding required, no white space; anything else is nullopt.
std::optional<std::string> decode_base64(std::string_view text);

/// Unsigned little-endian integers at the start of `bytes`, which must be long enough.
std::uint32_t load_le32(ByteView bytes);
std::uint64_t load_le64(ByteView bytes);
void store_le32(ByteSpan bytes, std::uint32_t value);
void store_le64(ByteSpan bytes, std::uint64_t value);

}  // namespace sampan
