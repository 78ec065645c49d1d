#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

/// What the tutorial's programs say to one another (lessons S13 to S16): a length as Python's
/// struct.pack('i') writes it, a JSON header as its json.dumps writes it, raw bytes.
namespace sampan::wire::tutorial {

/// struct.pack('i', n) on every machine that the tutorial's readers have: signed, little-endian.
inline constexpr std::size_t length_size = 4;
inline constexpr std::uint64_t length_max = 2'147'483'647;
/// A header may be as long as the native protocol's.
inline constexpr std::uint32_t header_max = 65'536;

/// invalid where `value` is above length_max: the format has no word for it.
Result<std::string> encode_length(std::uint64_t value);

/// The length in the first four bytes. bad_request unless 0..length_max.
Result<std::uint32_t> decode_length(ByteView bytes);

/// The same of a header: bad_request unless 1..header_max.
Result<std::uint32_t> decode_header_length(ByteView bytes);

}  // namespace sampan::wire::tutorial
