#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sampan {

/// Bytes that somebody else owns; valid for the call unless the function says longer.
using ByteView = std::span<const std::byte>;
/// Room that somebody else owns, to be written.
using ByteSpan = std::span<std::byte>;

inline ByteView as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace sampan
