// A request's header: what is read is written in one way only, and read again as the same.
#include <cstdlib>

#include "wire/native/codec.h"
#include "wire/native/frame.h"

namespace {

using namespace sampan;
using namespace sampan::wire::native;

void require(bool held) {
  if (!held) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  const auto request = decode_request(header);
  if (!request) {
    // Whatever came, the refusal can be sent.
    require(encode_error(request.error().id, request.error().error).size() <= frame_prefix + header_max);
    return 0;
  }
  const std::string frame = encode_request(*request);
  const auto again = decode_request(std::string_view(frame).substr(frame_prefix));
  require(again.has_value());
  require(again->id == request->id && again->body == request->body);
  require(again->operation.index() == request->operation.index());
  require(encode_request(*again) == frame);
  return 0;
}
