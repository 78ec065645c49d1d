#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace sampan::ipsec_mb {

using Buffer = std::vector<std::uint8_t>;

struct EvpDeleter {
  void operator()(OSSL_LIB_CTX* object) const { OSSL_LIB_CTX_free(object); }
  void operator()(EVP_CIPHER* object) const { EVP_CIPHER_free(object); }
  void operator()(EVP_CIPHER_CTX* object) const { EVP_CIPHER_CTX_free(object); }
};
template <class Object>
using Evp = std::unique_ptr<Object, EvpDeleter>;

/// OpenSSL as it is without this module: what is compared with.
OSSL_LIB_CTX* plain();
/// OpenSSL as the configuration file of the build makes it.
OSSL_LIB_CTX* configured();

struct Sealed {
  Buffer secret;
  Buffer tag;

  bool operator==(const Sealed&) const = default;
};

/// One message under AES-GCM with the key's size, through OpenSSL's programming interface.
struct Message {
  Buffer key;
  Buffer iv;
  Buffer aad;
  Buffer text;

  Sealed seal(OSSL_LIB_CTX* library) const;
  /// The text of `sealed` under this key, IV and AAD. Nothing: it is refused.
  std::optional<Buffer> open(OSSL_LIB_CTX* library, const Sealed& sealed) const;
};

/// "AES-128-GCM", ... or whatever else is asked for.
Evp<EVP_CIPHER> fetch(OSSL_LIB_CTX* library, const std::string& name);
std::string gcm_name(std::size_t key_size);

/// Chance that can be repeated: a failure shows the seed.
class Chance {
 public:
  explicit Chance(unsigned seed) : engine_(seed) {}

  std::size_t up_to(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(engine_); }
  Buffer bytes(std::size_t size);
  Message message(std::size_t key_size, std::size_t iv_size, std::size_t aad_size, std::size_t text_size) {
    return {bytes(key_size), bytes(iv_size), bytes(aad_size), bytes(text_size)};
  }

 private:
  std::mt19937_64 engine_;
};

Buffer from_hex(const std::string& hex);

}  // namespace sampan::ipsec_mb
