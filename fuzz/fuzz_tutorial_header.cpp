// The tutorial's headers, a stream of them: what is read is written in one way only, in ASCII, and read again
// as the same.
#include <algorithm>
#include <cstdlib>

#include "wire/tutorial/header.h"
#include "wire/tutorial/length.h"

namespace {

using namespace sampan;
using namespace sampan::wire::tutorial;

void require(bool held) {
  if (!held) std::abort();
}

template <class Header, class Decode>
void check(std::string_view json, Decode decode) {
  const Result<Header> header = decode(json);
  if (!header) {
    require(header.error().code() == ErrorCode::bad_request);
    return;
  }
  const auto frame = encode_header(*header);
  require(frame.has_value());
  const auto length = decode_header_length(as_bytes(*frame));
  require(length && *length == frame->size() - length_size);
  const std::string_view written = std::string_view(*frame).substr(length_size);
  require(std::ranges::all_of(written, [](char c) { return c >= 0x20 && c < 0x7F; }));
  const Result<Header> again = decode(written);
  require(again && *again == *header);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view stream(reinterpret_cast<const char*>(data), size);
  for (;;) {
    const auto length = decode_header_length(as_bytes(stream));
    if (!length) break;
    require(*length >= 1 && *length <= header_max);
    stream.remove_prefix(length_size);
    const std::string_view json = stream.substr(0, *length);
    check<AnswerHeader>(json, decode_answer_header);
    check<FileHeader>(json, decode_file_header);
    check<RequestHeader>(json, decode_request_header);
    stream.remove_prefix(json.size());
  }
  return 0;
}
