// A stream of frames as a session reads them: prefix, header, body skipped, the next.
#include <cstdlib>

#include "wire/native/codec.h"
#include "wire/native/frame.h"

namespace {

using namespace sampan;
using namespace sampan::wire::native;

void require(bool held) {
  if (!held) std::abort();
}

// The frame at the front of `stream`, taken off; false where the conversation ends.
bool take_frame(std::string_view& stream) {
  const auto length = decode_header_length(as_bytes(stream));
  if (!length) return false;
  require(*length >= 1 && *length <= header_max);
  if (stream.size() - frame_prefix < *length) return false;
  const std::string_view header = stream.substr(frame_prefix, *length);
  require(encode_frame(header) == stream.substr(0, frame_prefix + *length));
  const auto request = decode_request(header);
  if (!request && request.error().fatal) return false;
  const std::uint64_t body = request ? request->body : request.error().body;
  stream.remove_prefix(frame_prefix + *length);
  if (body > stream.size()) return false;
  stream.remove_prefix(static_cast<std::size_t>(body));
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view stream(reinterpret_cast<const char*>(data), size);
  while (take_frame(stream)) continue;
  return 0;
}
