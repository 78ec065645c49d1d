#include "ipsec_mb/testing/evp_gcm.h"

#include <stdexcept>

#include <openssl/err.h>

namespace sampan::ipsec_mb {
namespace {

void insist(bool is_good, const char* what) {
  if (!is_good) throw std::runtime_error(what);
}

int int_of(std::size_t size) {
  return static_cast<int>(size);
}

Evp<EVP_CIPHER_CTX> begin(OSSL_LIB_CTX* library, const Message& message, bool encrypting) {
  Evp<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  const int direction = encrypting ? 1 : 0;
  insist(EVP_CipherInit_ex2(context.get(), fetch(library, gcm_name(message.key.size())).get(), nullptr,
                            nullptr, direction, nullptr) == 1,
         "cipher");
  insist(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, int_of(message.iv.size()), nullptr) == 1,
         "IV length");
  insist(EVP_CipherInit_ex2(context.get(), nullptr, message.key.data(), message.iv.data(), direction,
                            nullptr) == 1,
         "key and IV");
  int done = 0;
  if (!message.aad.empty())
    insist(EVP_CipherUpdate(context.get(), nullptr, &done, message.aad.data(), int_of(message.aad.size())) ==
                   1 &&
               done == int_of(message.aad.size()),
           "AAD");
  return context;
}

}  // namespace

OSSL_LIB_CTX* plain() {
  static const Evp<OSSL_LIB_CTX> library(OSSL_LIB_CTX_new());
  return library.get();
}

OSSL_LIB_CTX* configured() {
  static const Evp<OSSL_LIB_CTX> library = [] {
    Evp<OSSL_LIB_CTX> made(OSSL_LIB_CTX_new());
    insist(OSSL_LIB_CTX_load_config(made.get(), IPSEC_MB_CONF) == 1, "configuration file");
    return made;
  }();
  return library.get();
}

Evp<EVP_CIPHER> fetch(OSSL_LIB_CTX* library, const std::string& name) {
  Evp<EVP_CIPHER> found(EVP_CIPHER_fetch(library, name.c_str(), nullptr));
  insist(found != nullptr, name.c_str());
  return found;
}

std::string gcm_name(std::size_t key_size) {
  return "AES-" + std::to_string(8 * key_size) + "-GCM";
}

Sealed Message::seal(OSSL_LIB_CTX* library) const {
  const auto context = begin(library, *this, true);
  Sealed sealed{Buffer(text.size()), Buffer(16)};
  int done = 0;
  if (!text.empty())
    insist(
        EVP_EncryptUpdate(context.get(), sealed.secret.data(), &done, text.data(), int_of(text.size())) == 1,
        "encrypt");
  insist(done == int_of(text.size()), "as many bytes");
  insist(EVP_EncryptFinal_ex(context.get(), nullptr, &done) == 1 && done == 0, "end");
  insist(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, sealed.tag.data()) == 1, "tag");
  return sealed;
}

std::optional<Buffer> Message::open(OSSL_LIB_CTX* library, const Sealed& sealed) const {
  const auto context = begin(library, *this, false);
  Buffer opened(sealed.secret.size());
  int done = 0;
  if (!opened.empty())
    insist(EVP_DecryptUpdate(context.get(), opened.data(), &done, sealed.secret.data(),
                             int_of(opened.size())) == 1,
           "decrypt");
  Buffer tag = sealed.tag;
  insist(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, int_of(tag.size()), tag.data()) == 1,
         "tag");
  const bool is_genuine = EVP_DecryptFinal_ex(context.get(), nullptr, &done) == 1;
  ERR_clear_error();
  if (!is_genuine) return std::nullopt;
  return opened;
}

Buffer Chance::bytes(std::size_t size) {
  Buffer made(size);
  for (std::uint8_t& byte : made) byte = static_cast<std::uint8_t>(engine_());
  return made;
}

Buffer from_hex(const std::string& hex) {
  Buffer bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16)));
  return bytes;
}

}  // namespace sampan::ipsec_mb
