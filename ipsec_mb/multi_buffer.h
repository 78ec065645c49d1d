#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include <intel-ipsec-mb.h>

namespace sampan::ipsec_mb {

/// What AES-GCM with one size of key needs of the library. All of them read the key, change the message's
/// context and keep nothing else, so any number of threads may call them at once, each with a context of its
/// own.
///
/// They check their arguments and do nothing, silently, where one is a null pointer or a length is out of
/// bounds.
struct GcmFunctions {
  aes_gcm_pre_t expand_key;
  aes_gcm_init_var_iv_t begin;
  aes_gcm_enc_dec_update_t encrypt;
  aes_gcm_enc_dec_update_t decrypt;
  aes_gcm_enc_dec_finalize_t finish_encryption;
  aes_gcm_enc_dec_finalize_t finish_decryption;
  ghash_t hash;
};

enum class KeySize { aes128, aes192, aes256 };

constexpr std::size_t bytes_of(KeySize size) {
  return size == KeySize::aes128 ? 16 : size == KeySize::aes192 ? 24 : 32;
}

/// The library has one implementation for each of these.
enum class InstructionSet { sse, avx, avx2, avx512 };

/// Whether this processor has the instructions and the system keeps their registers.
bool is_usable(InstructionSet set);

/// Intel's library, once it has shown that it can be relied on.
class MultiBuffer {
 public:
  /// The best that this machine can do. Nothing: AES is not among its instructions, or the library does not
  /// pass.
  static std::optional<MultiBuffer> best();
  /// Nothing: not usable here, another version of the library than this was compiled for, or its self-test
  /// failed.
  static std::optional<MultiBuffer> with(InstructionSet set);

  const GcmFunctions& gcm(KeySize size) const { return gcm_[static_cast<std::size_t>(size)]; }

 private:
  explicit MultiBuffer(const IMB_MGR& manager);

  std::array<GcmFunctions, 3> gcm_;
};

}  // namespace sampan::ipsec_mb
