// Everything that a client reads: greeting, replies of every kind, bodies of lists.
#include <cstdlib>

#include "wire/native/codec.h"
#include "wire/native/frame.h"

namespace {

using namespace sampan;
using namespace sampan::wire::native;

void require(bool held) {
  if (!held) std::abort();
}

std::string_view header_of(const std::string& frame) {
  require(frame.size() <= frame_prefix + header_max);
  return std::string_view(frame).substr(frame_prefix);
}

template <class T>
void reply(std::string_view header) {
  const auto value = decode_reply<T>(header);
  if (!value) return;
  const std::string frame = encode_reply(1, *value);
  const auto again = decode_reply<T>(header_of(frame));
  require(again && encode_reply(1, *again) == frame);
}

template <class T>
void array(std::string_view body) {
  const auto items = decode_array<T>(body);
  if (!items) return;
  const std::string text = encode_array(*items);
  const auto again = decode_array<T>(text);
  require(again && encode_array(*again) == text);
}

void error_reply(std::string_view header) {
  const auto common = decode_reply_header(header);
  if (!common || !common->error) return;
  const std::string frame = encode_error(common->id, *common->error);
  const auto again = decode_reply_header(header_of(frame));
  require(again && again->error && again->id == common->id);
  require(again->error->code() == common->error->code() && again->error->room() == common->error->room());
}

void greeting(std::string_view header) {
  const auto value = decode_greeting(header);
  if (!value) return;
  const std::string frame = encode_greeting(*value);
  const auto again = decode_greeting(header_of(frame));
  require(again && encode_greeting(*again) == frame);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  array<Entry>(text);
  array<UploadEntry>(text);
  if (size > header_max) return 0;
  error_reply(text);
  greeting(text);
  reply<Done>(text);
  reply<AuthStep>(text);
  reply<Entry>(text);
  reply<Page>(text);
  reply<DigestReply>(text);
  reply<QuotaReply>(text);
  reply<Receipt>(text);
  reply<UploadReady>(text);
  reply<Uploads>(text);
  reply<GetReady>(text);
  return 0;
}
