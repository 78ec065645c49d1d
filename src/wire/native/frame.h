#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace sampan::wire::native {

/// u32 little-endian header length, then the header (a JSON object), then the header's "body" bytes.
inline constexpr std::size_t frame_prefix = 4;
inline constexpr std::uint32_t header_max = 65'536;

/// The header length in the first four bytes. bad_request unless 1..header_max: the connection ends.
Result<std::uint32_t> decode_header_length(ByteView prefix);

/// Prefix and header, ready to be sent; `header` must be 1..header_max bytes.
std::string encode_frame(std::string_view header);

}  // namespace sampan::wire::native
