#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <openssl/params.h>

#include "ipsec_mb/gcm.h"

namespace sampan::ipsec_mb {

/// What OpenSSL calls a cipher context, for AES-GCM: key and IV come together or apart, an IV serves one
/// message, a message is opened only where a tag was set. provider(7) and provider-cipher(7) are its
/// contract, OpenSSL's own GCM the measure.
///
/// False: refused. The reason is in OpenSSL's error queue where it is the caller's mistake.
class GcmCipher {
 public:
  GcmCipher(const MultiBuffer& library, KeySize key_size);

  /// What is null stays as it is. Another direction or key ends the message under way.
  bool begin(bool encrypting, const std::uint8_t* key, std::size_t key_size, const std::uint8_t* iv,
             std::size_t iv_size, const OSSL_PARAM settings[]);
  /// AAD where `out` is null; a whole TLS 1.2 record, in place, after its header came as a setting. `done`:
  /// the bytes processed.
  bool update(std::uint8_t* out, std::size_t& done, std::size_t room, const std::uint8_t* in,
              std::size_t size);
  /// The end of a message; when decrypting: whether it is the one that the tag was made for. Its IV is used
  /// up either way.
  bool finish();

  /// Sets what is asked for.
  bool get(OSSL_PARAM asked[]);
  bool set(const OSSL_PARAM settings[]);

 private:
  enum class Iv { none, fresh, in_use, used_up };

  bool begin_message();
  bool set_iv(const std::uint8_t* iv, std::size_t size);
  bool set_iv_size(std::size_t size);
  bool set_tag(const OSSL_PARAM& tag);
  bool get_tag(OSSL_PARAM& tag) const;
  bool get_iv(OSSL_PARAM& iv) const;

  bool set_record_header(const OSSL_PARAM& header);
  bool set_fixed_iv(const OSSL_PARAM& fixed);
  bool set_explicit_iv(const std::uint8_t* last, std::size_t size);
  bool next_explicit_iv(std::uint8_t* out, std::size_t size);
  bool process_record(std::uint8_t* record, std::size_t size, std::size_t& done);
  bool open_record(std::uint8_t* text, std::size_t size);
  bool seal_record(std::uint8_t* text, std::size_t size);

  static constexpr std::size_t record_header_size = 13;

  Gcm gcm_;
  std::size_t key_size_;
  bool is_encrypting_ = true;
  Iv iv_state_ = Iv::none;
  std::array<std::uint8_t, Gcm::iv_max> iv_{};
  std::size_t iv_size_ = 12;
  Gcm::Tag made_tag_{};
  bool has_made_tag_ = false;
  Gcm::Tag wanted_tag_{};
  std::size_t wanted_tag_size_ = 0;  ///< 0: none was set

  // TLS 1.2 (RFC 5288): four bytes of the IV are fixed, eight come with each record and count up.
  bool counts_iv_ = false;
  std::optional<std::array<std::uint8_t, record_header_size>> record_header_;
  std::size_t record_tag_size_ = 0;
};

}  // namespace sampan::ipsec_mb
