// The tables by which OpenSSL finds its way: module -> algorithms -> functions. What these do is in
// GcmCipher.

#include <memory>
#include <new>

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "ipsec_mb/gcm_cipher.h"

namespace {

using namespace sampan::ipsec_mb;

// OpenSSL's functions have all types, its tables one: only a function of the type that belongs to the number
// fits.
template <class Type>
OSSL_DISPATCH entry(int number, Type* function) {
  return {number, reinterpret_cast<void (*)()>(function)};
}

// --- one cipher context

GcmCipher& cipher(void* context) {
  return *static_cast<GcmCipher*>(context);
}

template <KeySize size>
void* new_context(void* library) {
  std::unique_ptr<GcmCipher> made(new (std::nothrow) GcmCipher(*static_cast<MultiBuffer*>(library), size));
  return made.release();
}

void free_context(void* context) {
  const std::unique_ptr<GcmCipher> last(static_cast<GcmCipher*>(context));
}

void* copy_context(void* context) {
  std::unique_ptr<GcmCipher> made(new (std::nothrow) GcmCipher(cipher(context)));
  return made.release();
}

int begin_encryption(void* context, const unsigned char* key, std::size_t key_size, const unsigned char* iv,
                     std::size_t iv_size, const OSSL_PARAM settings[]) {
  return cipher(context).begin(true, key, key_size, iv, iv_size, settings) ? 1 : 0;
}

int begin_decryption(void* context, const unsigned char* key, std::size_t key_size, const unsigned char* iv,
                     std::size_t iv_size, const OSSL_PARAM settings[]) {
  return cipher(context).begin(false, key, key_size, iv, iv_size, settings) ? 1 : 0;
}

int update(void* context, unsigned char* out, std::size_t* done, std::size_t room, const unsigned char* in,
           std::size_t size) {
  return cipher(context).update(out, *done, room, in, size) ? 1 : 0;
}

int finish(void* context, unsigned char*, std::size_t* done, std::size_t) {
  *done = 0;
  return cipher(context).finish() ? 1 : 0;
}

// EVP_Cipher(): both in one.
int process(void* context, unsigned char* out, std::size_t* done, std::size_t room, const unsigned char* in,
            std::size_t size) {
  return in == nullptr ? finish(context, out, done, room) : update(context, out, done, room, in, size);
}

int get_of_context(void* context, OSSL_PARAM asked[]) {
  return cipher(context).get(asked) ? 1 : 0;
}

int set_of_context(void* context, const OSSL_PARAM settings[]) {
  return cipher(context).set(settings) ? 1 : 0;
}

const OSSL_PARAM* gettable_of_context(void*, void*) {
  static const OSSL_PARAM names[] = {
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_KEYLEN, nullptr),
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_IVLEN, nullptr),
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_AEAD_TAGLEN, nullptr),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_IV, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_UPDATED_IV, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, nullptr, 0),
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_AEAD_TLS1_AAD_PAD, nullptr),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_GET_IV_GEN, nullptr, 0),
      OSSL_PARAM_END};
  return names;
}

const OSSL_PARAM* settable_of_context(void*, void*) {
  static const OSSL_PARAM names[] = {
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_AEAD_IVLEN, nullptr),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_AAD, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_SET_IV_INV, nullptr, 0),
      OSSL_PARAM_END};
  return names;
}

// --- one algorithm

bool answer_int(OSSL_PARAM asked[], const char* name, int value) {
  OSSL_PARAM* found = OSSL_PARAM_locate(asked, name);
  return found == nullptr || OSSL_PARAM_set_int(found, value) == 1;
}

bool answer_size(OSSL_PARAM asked[], const char* name, std::size_t value) {
  OSSL_PARAM* found = OSSL_PARAM_locate(asked, name);
  return found == nullptr || OSSL_PARAM_set_size_t(found, value) == 1;
}

template <KeySize size>
int get_of_algorithm(OSSL_PARAM asked[]) {
  OSSL_PARAM* mode = OSSL_PARAM_locate(asked, OSSL_CIPHER_PARAM_MODE);
  return (mode == nullptr || OSSL_PARAM_set_uint(mode, EVP_CIPH_GCM_MODE) == 1) &&
                 answer_int(asked, OSSL_CIPHER_PARAM_AEAD, 1) &&
                 answer_int(asked, OSSL_CIPHER_PARAM_CUSTOM_IV, 1) &&
                 answer_int(asked, OSSL_CIPHER_PARAM_CTS, 0) &&
                 answer_int(asked, OSSL_CIPHER_PARAM_TLS1_MULTIBLOCK, 0) &&
                 answer_int(asked, OSSL_CIPHER_PARAM_HAS_RAND_KEY, 0) &&
                 answer_size(asked, OSSL_CIPHER_PARAM_KEYLEN, bytes_of(size)) &&
                 answer_size(asked, OSSL_CIPHER_PARAM_BLOCK_SIZE, 1) &&
                 answer_size(asked, OSSL_CIPHER_PARAM_IVLEN, 12)
             ? 1
             : 0;
}

const OSSL_PARAM* gettable_of_algorithm(void*) {
  static const OSSL_PARAM names[] = {OSSL_PARAM_uint(OSSL_CIPHER_PARAM_MODE, nullptr),
                                     OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_KEYLEN, nullptr),
                                     OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_IVLEN, nullptr),
                                     OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_BLOCK_SIZE, nullptr),
                                     OSSL_PARAM_int(OSSL_CIPHER_PARAM_AEAD, nullptr),
                                     OSSL_PARAM_int(OSSL_CIPHER_PARAM_CUSTOM_IV, nullptr),
                                     OSSL_PARAM_int(OSSL_CIPHER_PARAM_CTS, nullptr),
                                     OSSL_PARAM_int(OSSL_CIPHER_PARAM_TLS1_MULTIBLOCK, nullptr),
                                     OSSL_PARAM_int(OSSL_CIPHER_PARAM_HAS_RAND_KEY, nullptr),
                                     OSSL_PARAM_END};
  return names;
}

template <KeySize size>
const OSSL_DISPATCH* functions() {
  static const OSSL_DISPATCH table[] = {
      entry<OSSL_FUNC_cipher_newctx_fn>(OSSL_FUNC_CIPHER_NEWCTX, new_context<size>),
      entry<OSSL_FUNC_cipher_freectx_fn>(OSSL_FUNC_CIPHER_FREECTX, free_context),
      entry<OSSL_FUNC_cipher_dupctx_fn>(OSSL_FUNC_CIPHER_DUPCTX, copy_context),
      entry<OSSL_FUNC_cipher_encrypt_init_fn>(OSSL_FUNC_CIPHER_ENCRYPT_INIT, begin_encryption),
      entry<OSSL_FUNC_cipher_decrypt_init_fn>(OSSL_FUNC_CIPHER_DECRYPT_INIT, begin_decryption),
      entry<OSSL_FUNC_cipher_update_fn>(OSSL_FUNC_CIPHER_UPDATE, update),
      entry<OSSL_FUNC_cipher_final_fn>(OSSL_FUNC_CIPHER_FINAL, finish),
      entry<OSSL_FUNC_cipher_cipher_fn>(OSSL_FUNC_CIPHER_CIPHER, process),
      entry<OSSL_FUNC_cipher_get_params_fn>(OSSL_FUNC_CIPHER_GET_PARAMS, get_of_algorithm<size>),
      entry<OSSL_FUNC_cipher_get_ctx_params_fn>(OSSL_FUNC_CIPHER_GET_CTX_PARAMS, get_of_context),
      entry<OSSL_FUNC_cipher_set_ctx_params_fn>(OSSL_FUNC_CIPHER_SET_CTX_PARAMS, set_of_context),
      entry<OSSL_FUNC_cipher_gettable_params_fn>(OSSL_FUNC_CIPHER_GETTABLE_PARAMS, gettable_of_algorithm),
      entry<OSSL_FUNC_cipher_gettable_ctx_params_fn>(OSSL_FUNC_CIPHER_GETTABLE_CTX_PARAMS,
                                                     gettable_of_context),
      entry<OSSL_FUNC_cipher_settable_ctx_params_fn>(OSSL_FUNC_CIPHER_SETTABLE_CTX_PARAMS,
                                                     settable_of_context),
      {0, nullptr}};
  return table;
}

// --- the module

// Under all the names that OpenSSL's own go by: who asks by number finds them too.
const OSSL_ALGORITHM* algorithms(void*, int operation, int* may_change) {
  static const OSSL_ALGORITHM ciphers[] = {
      {"AES-128-GCM:id-aes128-GCM:2.16.840.1.101.3.4.1.6", "provider=ipsec_mb", functions<KeySize::aes128>(),
       "AES-128-GCM of Intel's multi-buffer library"},
      {"AES-192-GCM:id-aes192-GCM:2.16.840.1.101.3.4.1.26", "provider=ipsec_mb", functions<KeySize::aes192>(),
       "AES-192-GCM of Intel's multi-buffer library"},
      {"AES-256-GCM:id-aes256-GCM:2.16.840.1.101.3.4.1.46", "provider=ipsec_mb", functions<KeySize::aes256>(),
       "AES-256-GCM of Intel's multi-buffer library"},
      {nullptr, nullptr, nullptr, nullptr}};
  *may_change = 0;
  return operation == OSSL_OP_CIPHER ? ciphers : nullptr;
}

const OSSL_PARAM* gettable_of_module(void*) {
  static const OSSL_PARAM names[] = {OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_NAME, nullptr, 0),
                                     OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_VERSION, nullptr, 0),
                                     OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_BUILDINFO, nullptr, 0),
                                     OSSL_PARAM_int(OSSL_PROV_PARAM_STATUS, nullptr), OSSL_PARAM_END};
  return names;
}

bool answer_text(OSSL_PARAM asked[], const char* name, const char* value) {
  OSSL_PARAM* found = OSSL_PARAM_locate(asked, name);
  return found == nullptr || OSSL_PARAM_set_utf8_ptr(found, value) == 1;
}

int get_of_module(void*, OSSL_PARAM asked[]) {
  return answer_text(asked, OSSL_PROV_PARAM_NAME, "AES-GCM of Intel's multi-buffer library") &&
                 answer_text(asked, OSSL_PROV_PARAM_VERSION, SAMPAN_VERSION) &&
                 answer_text(asked, OSSL_PROV_PARAM_BUILDINFO, "intel-ipsec-mb " IMB_VERSION_STR) &&
                 answer_int(asked, OSSL_PROV_PARAM_STATUS, 1)
             ? 1
             : 0;
}

void end(void* library) {
  const std::unique_ptr<MultiBuffer> last(static_cast<MultiBuffer*>(library));
}

}  // namespace

// What the core offers in exchange is not needed: the module is linked with the libcrypto that loads it.
extern "C" [[gnu::visibility("default")]] int OSSL_provider_init(const OSSL_CORE_HANDLE*,
                                                                 const OSSL_DISPATCH*,
                                                                 const OSSL_DISPATCH** offered,
                                                                 void** context) {
  static const OSSL_DISPATCH table[] = {
      entry<OSSL_FUNC_provider_teardown_fn>(OSSL_FUNC_PROVIDER_TEARDOWN, end),
      entry<OSSL_FUNC_provider_gettable_params_fn>(OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, gettable_of_module),
      entry<OSSL_FUNC_provider_get_params_fn>(OSSL_FUNC_PROVIDER_GET_PARAMS, get_of_module),
      entry<OSSL_FUNC_provider_query_operation_fn>(OSSL_FUNC_PROVIDER_QUERY_OPERATION, algorithms),
      {0, nullptr}};
  const auto library = MultiBuffer::best();
  if (!library) return 0;
  std::unique_ptr<MultiBuffer> kept(new (std::nothrow) MultiBuffer(*library));
  if (!kept) return 0;
  *offered = table;
  *context = kept.release();
  return 1;
}
