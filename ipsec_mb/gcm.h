#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ipsec_mb/multi_buffer.h"

namespace sampan::ipsec_mb {

/// One message after another under AES-GCM (NIST SP 800-38D): set_key, then for each message begin, any
/// number of add_aad, any number of encrypt or of decrypt, finish.
///
/// Not for two threads at once; a copy is independent; the library must outlive both. What it knew is wiped
/// when it goes.
///
/// False: called out of turn, or the message is longer than the standard allows; nothing was changed then.
class Gcm {
 public:
  using Bytes = std::span<const std::uint8_t>;
  using Tag = std::array<std::uint8_t, 16>;

  static constexpr std::size_t iv_max = 128;
  static constexpr std::uint64_t text_max = (std::uint64_t{1} << 36) - 32;
  static constexpr std::uint64_t aad_max = (std::uint64_t{1} << 61) - 1;

  Gcm(const MultiBuffer& library, KeySize key_size);
  Gcm(const Gcm&) = default;
  Gcm& operator=(const Gcm&) = delete;
  ~Gcm();

  /// Ends the message that is under way. `key` has the bytes of the key size.
  bool set_key(Bytes key);
  bool has_key() const { return turn_ != Turn::key; }

  /// 1 to iv_max bytes, never the same twice under one key: that is the caller's to promise.
  bool begin(Bytes iv);
  /// Before the first byte of the text.
  bool add_aad(Bytes aad);
  /// To `out`, as many bytes as come in: the same place or one that does not overlap.
  bool encrypt(Bytes plain, std::uint8_t* out);
  /// What comes out is nobody's word before the tag of finish() was compared.
  bool decrypt(Bytes secret, std::uint8_t* out);
  /// The tag of what went through; ends the message.
  bool finish(Tag& tag);

 private:
  enum class Turn { key, iv, aad, encryption, decryption };

  bool may_process(Turn direction, Bytes text);
  void begin_text();

  const GcmFunctions* functions_;
  std::size_t key_bytes_;
  Turn turn_ = Turn::key;
  alignas(64) gcm_key_data key_{};  // the header says so only where a macro of the library's own build is set
  gcm_context_data message_{};
  std::array<std::uint8_t, iv_max> iv_{};
  std::size_t iv_size_ = 0;
  std::uint64_t text_size_ = 0;
  // The library wants all of the AAD at once. What came but for its last block, which is still open, is in
  // aad_hash_.
  std::uint64_t aad_size_ = 0;
  Tag aad_hash_{};
  std::array<std::uint8_t, 16> aad_block_{};
  std::size_t aad_block_size_ = 0;
};

}  // namespace sampan::ipsec_mb
