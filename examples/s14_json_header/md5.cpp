#include "s14_json_header/md5.h"

#include <array>
#include <cassert>

#include <openssl/evp.h>

#include "base/encoding.h"

namespace sampan::s14_json_header {

struct Md5::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Md5::Md5() : state_(std::make_unique<State>()) {
  [[maybe_unused]] const int begun = EVP_DigestInit_ex(state_->context.get(), EVP_md5(), nullptr);
  assert(begun == 1);
}

Md5::~Md5() = default;

void Md5::update(ByteView bytes) {
  EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}

std::string Md5::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size);
  return encode_hex(std::as_bytes(std::span(digest)).first(size));
}

bool is_md5(std::string_view text) {
  return text.size() == 32 && decode_hex(text).has_value();
}

}  // namespace sampan::s14_json_header
