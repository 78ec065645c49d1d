#include "wire/tutorial/length.h"

#include "base/encoding.h"

namespace sampan::wire::tutorial {

Result<std::string> encode_length(std::uint64_t value) {
  if (value > length_max)
    return fail(ErrorCode::invalid,
                "a length of four signed bytes ends at 2147483647, and this is " + std::to_string(value));
  std::string bytes(length_size, '\0');
  store_le32(std::as_writable_bytes(std::span(bytes)), static_cast<std::uint32_t>(value));
  return bytes;
}

Result<std::uint32_t> decode_length(ByteView bytes) {
  if (bytes.size() < length_size) return fail(ErrorCode::bad_request, "a length has four bytes");
  const std::uint32_t value = load_le32(bytes);
  if (value > length_max)
    return fail(ErrorCode::bad_request,
                "a negative length: " + std::to_string(static_cast<std::int32_t>(value)));
  return value;
}

Result<std::uint32_t> decode_header_length(ByteView bytes) {
  const auto length = decode_length(bytes);
  if (!length) return length;
  if (*length == 0 || *length > header_max)
    return fail(ErrorCode::bad_request, "a header has 1 to 65536 bytes, not " + std::to_string(*length));
  return length;
}

}  // namespace sampan::wire::tutorial
