#include "wire/native/frame.h"

#include <cassert>

#include "base/encoding.h"

namespace sampan::wire::native {

Result<std::uint32_t> decode_header_length(ByteView prefix) {
  if (prefix.size() < frame_prefix) return fail(ErrorCode::bad_request, "a frame begins with four bytes");
  const std::uint32_t length = load_le32(prefix);
  if (length == 0 || length > header_max)
    return fail(ErrorCode::bad_request, "a header has 1 to 65536 bytes, not " + std::to_string(length));
  return length;
}

std::string encode_frame(std::string_view header) {
  assert(!header.empty() && header.size() <= header_max);
  std::string frame;
  frame.reserve(frame_prefix + header.size());
  frame.resize(frame_prefix);
  store_le32(std::as_writable_bytes(std::span(frame)), static_cast<std::uint32_t>(header.size()));
  frame += header;
  return frame;
}

}  // namespace sampan::wire::native
