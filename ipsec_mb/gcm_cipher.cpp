#include "ipsec_mb/gcm_cipher.h"

#include <algorithm>
#include <cstring>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/proverr.h>
#include <openssl/rand.h>

namespace sampan::ipsec_mb {
namespace {

constexpr std::size_t fixed_iv_size = 4;
constexpr std::size_t explicit_iv_size = 8;
constexpr std::size_t tag_size = std::tuple_size_v<Gcm::Tag>;
constexpr std::size_t iv_size_recommended = 12;

bool refuse(int reason) {
  ERR_raise(ERR_LIB_PROV, reason);
  return false;
}

// From the process's own generator: a module that is loaded into a library context of its own has no other
// way to it. It fails, and so do we, where that has none.
bool fill_random(std::uint8_t* out, std::size_t size) {
  return RAND_bytes(out, static_cast<int>(size)) == 1;
}

void count_up(std::uint8_t* number, std::size_t size) {
  while (size > 0 && ++number[--size] == 0) {
  }
}

bool is_bytes(const OSSL_PARAM& setting) {
  return setting.data_type == OSSL_PARAM_OCTET_STRING && setting.data != nullptr;
}

bool set_number(OSSL_PARAM asked[], const char* name, std::size_t value) {
  OSSL_PARAM* number = OSSL_PARAM_locate(asked, name);
  return number == nullptr || OSSL_PARAM_set_size_t(number, value) == 1 ||
         refuse(PROV_R_FAILED_TO_SET_PARAMETER);
}

}  // namespace

GcmCipher::GcmCipher(const MultiBuffer& library, KeySize key_size)
    : gcm_(library, key_size), key_size_(bytes_of(key_size)) {}

bool GcmCipher::begin(bool encrypting, const std::uint8_t* key, std::size_t key_size, const std::uint8_t* iv,
                      std::size_t iv_size, const OSSL_PARAM settings[]) {
  if (encrypting != is_encrypting_ && iv_state_ == Iv::in_use) iv_state_ = Iv::used_up;
  is_encrypting_ = encrypting;
  if (iv != nullptr && !set_iv(iv, iv_size)) return false;
  if (key != nullptr) {
    if (!gcm_.set_key({key, key_size})) return refuse(PROV_R_INVALID_KEY_LENGTH);
    if (iv_state_ == Iv::in_use) iv_state_ = Iv::used_up;  // the key may be the same one
  }
  return set(settings);
}

bool GcmCipher::set_iv(const std::uint8_t* iv, std::size_t size) {
  if (size == 0 || size > iv_.size()) return refuse(PROV_R_INVALID_IV_LENGTH);
  std::copy_n(iv, size, iv_.begin());
  iv_size_ = size;
  iv_state_ = Iv::fresh;
  counts_iv_ = false;  // a message of its own: counting would begin with it once more
  return true;
}

bool GcmCipher::set_iv_size(std::size_t size) {
  if (size == 0 || size > iv_.size()) return refuse(PROV_R_INVALID_IV_LENGTH);
  if (size != iv_size_ && iv_state_ != Iv::none) iv_state_ = Iv::used_up;  // what is there has another size
  iv_size_ = size;
  return true;
}

// An encryption without an IV gets a random one, which the caller then asks for.
bool GcmCipher::begin_message() {
  if (!gcm_.has_key() || iv_state_ == Iv::used_up) return false;
  if (iv_state_ == Iv::in_use) return true;
  if (iv_state_ == Iv::none &&
      (!is_encrypting_ || iv_size_ < iv_size_recommended || !fill_random(iv_.data(), iv_size_)))
    return false;
  if (!gcm_.begin({iv_.data(), iv_size_})) return false;
  has_made_tag_ = false;
  iv_state_ = Iv::in_use;
  return true;
}

bool GcmCipher::update(std::uint8_t* out, std::size_t& done, std::size_t room, const std::uint8_t* in,
                       std::size_t size) {
  done = 0;
  if (size == 0) return true;
  if (record_header_) {
    if (room < size) return refuse(PROV_R_OUTPUT_BUFFER_TOO_SMALL);
    if (in != out) {  // a record makes room for what is added to it
      record_header_.reset();
      return refuse(PROV_R_CIPHER_OPERATION_FAILED);
    }
    return process_record(out, size, done) || refuse(PROV_R_CIPHER_OPERATION_FAILED);
  }
  if (out != nullptr && room < size) return refuse(PROV_R_OUTPUT_BUFFER_TOO_SMALL);
  if (in == nullptr || !begin_message()) return refuse(PROV_R_CIPHER_OPERATION_FAILED);
  const Gcm::Bytes bytes(in, size);
  const bool is_done = out == nullptr   ? gcm_.add_aad(bytes)
                       : is_encrypting_ ? gcm_.encrypt(bytes, out)
                                        : gcm_.decrypt(bytes, out);
  if (!is_done) return refuse(PROV_R_CIPHER_OPERATION_FAILED);
  done = size;
  return true;
}

bool GcmCipher::finish() {
  if (record_header_ || (!is_encrypting_ && wanted_tag_size_ == 0) || !begin_message()) return false;
  Gcm::Tag tag{};
  if (!gcm_.finish(tag)) return false;
  iv_state_ = Iv::used_up;
  if (is_encrypting_) {
    made_tag_ = tag;
    has_made_tag_ = true;
    return true;
  }
  const bool is_genuine = CRYPTO_memcmp(tag.data(), wanted_tag_.data(), wanted_tag_size_) == 0;
  OPENSSL_cleanse(tag.data(), tag.size());  // of a forged message this is the tag that was asked for
  wanted_tag_size_ = 0;
  return is_genuine;
}

bool GcmCipher::set(const OSSL_PARAM settings[]) {
  if (settings == nullptr) return true;
  if (const OSSL_PARAM* tag = OSSL_PARAM_locate_const(settings, OSSL_CIPHER_PARAM_AEAD_TAG))
    if (!set_tag(*tag)) return refuse(PROV_R_INVALID_TAG);
  if (const OSSL_PARAM* given = OSSL_PARAM_locate_const(settings, OSSL_CIPHER_PARAM_AEAD_IVLEN)) {
    std::size_t size = 0;
    if (OSSL_PARAM_get_size_t(given, &size) != 1) return refuse(PROV_R_FAILED_TO_GET_PARAMETER);
    if (!set_iv_size(size)) return false;
  }
  if (const OSSL_PARAM* header = OSSL_PARAM_locate_const(settings, OSSL_CIPHER_PARAM_AEAD_TLS1_AAD))
    if (!set_record_header(*header)) return refuse(PROV_R_INVALID_AAD);
  if (const OSSL_PARAM* fixed = OSSL_PARAM_locate_const(settings, OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED))
    if (!set_fixed_iv(*fixed)) return refuse(PROV_R_FAILED_TO_GET_PARAMETER);
  if (const OSSL_PARAM* last = OSSL_PARAM_locate_const(settings, OSSL_CIPHER_PARAM_AEAD_TLS1_SET_IV_INV))
    if (!is_bytes(*last) || !set_explicit_iv(static_cast<const std::uint8_t*>(last->data), last->data_size))
      return false;
  return true;
}

bool GcmCipher::set_tag(const OSSL_PARAM& tag) {
  if (is_encrypting_ || !is_bytes(tag) || tag.data_size == 0 || tag.data_size > tag_size) return false;
  std::memcpy(wanted_tag_.data(), tag.data, tag.data_size);
  wanted_tag_size_ = tag.data_size;
  return true;
}

bool GcmCipher::get(OSSL_PARAM asked[]) {
  if (asked == nullptr) return true;
  if (!set_number(asked, OSSL_CIPHER_PARAM_KEYLEN, key_size_) ||
      !set_number(asked, OSSL_CIPHER_PARAM_IVLEN, iv_size_) ||
      !set_number(asked, OSSL_CIPHER_PARAM_AEAD_TAGLEN,
                  wanted_tag_size_ != 0 ? wanted_tag_size_ : tag_size) ||
      !set_number(asked, OSSL_CIPHER_PARAM_AEAD_TLS1_AAD_PAD, record_tag_size_))
    return false;
  for (const char* name : {OSSL_CIPHER_PARAM_IV, OSSL_CIPHER_PARAM_UPDATED_IV})
    if (OSSL_PARAM* iv = OSSL_PARAM_locate(asked, name))
      if (!get_iv(*iv)) return false;
  if (OSSL_PARAM* tag = OSSL_PARAM_locate(asked, OSSL_CIPHER_PARAM_AEAD_TAG))
    if (!get_tag(*tag)) return refuse(PROV_R_INVALID_TAG);
  if (OSSL_PARAM* next = OSSL_PARAM_locate(asked, OSSL_CIPHER_PARAM_AEAD_TLS1_GET_IV_GEN))
    if (!is_bytes(*next) || !next_explicit_iv(static_cast<std::uint8_t*>(next->data), next->data_size))
      return false;
  return true;
}

bool GcmCipher::get_iv(OSSL_PARAM& iv) const {
  if (iv_state_ == Iv::none) return false;
  return OSSL_PARAM_set_octet_string(&iv, iv_.data(), iv_size_) == 1 ||
         OSSL_PARAM_set_octet_ptr(&iv, iv_.data(), iv_size_) == 1 || refuse(PROV_R_FAILED_TO_SET_PARAMETER);
}

bool GcmCipher::get_tag(OSSL_PARAM& tag) const {
  if (!is_encrypting_ || !has_made_tag_ || tag.data_size == 0 || tag.data_size > tag_size) return false;
  return OSSL_PARAM_set_octet_string(&tag, made_tag_.data(), tag.data_size) == 1;
}

// The length in it is that of the fragment as it travels; what is authenticated has the length of the text
// alone.
bool GcmCipher::set_record_header(const OSSL_PARAM& header) {
  if (!is_bytes(header) || header.data_size != record_header_size) return false;
  std::array<std::uint8_t, record_header_size> bytes{};
  std::memcpy(bytes.data(), header.data, bytes.size());
  std::uint8_t* length = &bytes[record_header_size - 2];
  const std::size_t added = explicit_iv_size + (is_encrypting_ ? 0 : tag_size);
  std::size_t size = static_cast<std::size_t>(length[0]) << 8 | length[1];
  if (size < added) return false;
  size -= added;
  length[0] = static_cast<std::uint8_t>(size >> 8);
  length[1] = static_cast<std::uint8_t>(size);
  record_header_ = bytes;
  record_tag_size_ = tag_size;
  return true;
}

bool GcmCipher::set_fixed_iv(const OSSL_PARAM& fixed) {
  if (!is_bytes(fixed)) return false;
  const bool is_whole = fixed.data_size == static_cast<std::size_t>(-1);  // OpenSSL's way to say so
  const std::size_t size = is_whole ? iv_size_ : fixed.data_size;
  if (!is_whole &&
      (size < fixed_iv_size || iv_size_ < explicit_iv_size || size > iv_size_ - explicit_iv_size))
    return false;
  std::memcpy(iv_.data(), fixed.data, size);
  if (!is_whole && is_encrypting_ && !fill_random(&iv_[size], iv_size_ - size)) return false;
  counts_iv_ = true;
  iv_state_ = Iv::fresh;
  return true;
}

bool GcmCipher::set_explicit_iv(const std::uint8_t* last, std::size_t size) {
  if (!counts_iv_ || !gcm_.has_key() || is_encrypting_ || size == 0 || size > iv_size_) return false;
  std::copy_n(last, size, &iv_[iv_size_ - size]);
  iv_state_ = Iv::fresh;
  return begin_message();
}

// The message begins with the IV that is given out, and only then is it counted up: no other can begin with
// it.
bool GcmCipher::next_explicit_iv(std::uint8_t* out, std::size_t size) {
  if (!counts_iv_ || !gcm_.has_key() || !is_encrypting_ || iv_size_ < explicit_iv_size) return false;
  iv_state_ = Iv::fresh;
  if (!begin_message()) return false;
  if (size == 0 || size > iv_size_) size = iv_size_;
  std::copy_n(&iv_[iv_size_ - size], size, out);
  count_up(&iv_[iv_size_ - explicit_iv_size], explicit_iv_size);
  return true;
}

// explicit IV (8) | text | tag (16)
bool GcmCipher::process_record(std::uint8_t* record, std::size_t size, std::size_t& done) {
  bool is_good = gcm_.has_key() && size >= explicit_iv_size + tag_size;
  if (is_good) {
    std::uint8_t* text = record + explicit_iv_size;
    const std::size_t text_size = size - explicit_iv_size - tag_size;
    if (is_encrypting_)
      is_good = next_explicit_iv(record, explicit_iv_size) && seal_record(text, text_size);
    else
      is_good = set_explicit_iv(record, explicit_iv_size) && open_record(text, text_size);
    if (is_good) done = is_encrypting_ ? size : text_size;
  }
  iv_state_ = Iv::used_up;
  record_header_.reset();
  return is_good;
}

bool GcmCipher::seal_record(std::uint8_t* text, std::size_t size) {
  Gcm::Tag tag{};
  if (!gcm_.add_aad(*record_header_) || !gcm_.encrypt({text, size}, text) || !gcm_.finish(tag)) return false;
  std::ranges::copy(tag, text + size);
  return true;
}

bool GcmCipher::open_record(std::uint8_t* text, std::size_t size) {
  Gcm::Tag tag{};
  if (!gcm_.add_aad(*record_header_) || !gcm_.decrypt({text, size}, text) || !gcm_.finish(tag)) return false;
  const bool is_genuine = CRYPTO_memcmp(tag.data(), text + size, tag_size) == 0;
  OPENSSL_cleanse(tag.data(), tag.size());
  if (!is_genuine) OPENSSL_cleanse(text, size);
  return is_genuine;
}

}  // namespace sampan::ipsec_mb
