#include "ipsec_mb/gcm.h"

#include <algorithm>

#include <openssl/crypto.h>

namespace sampan::ipsec_mb {

Gcm::Gcm(const MultiBuffer& library, KeySize key_size)
    : functions_(&library.gcm(key_size)), key_bytes_(bytes_of(key_size)) {}

Gcm::~Gcm() {
  OPENSSL_cleanse(&key_, sizeof(key_));
  OPENSSL_cleanse(&message_, sizeof(message_));
  OPENSSL_cleanse(&aad_hash_, sizeof(aad_hash_));
}

bool Gcm::set_key(Bytes key) {
  if (key.size() != key_bytes_) return false;
  functions_->expand_key(key.data(), &key_);
  turn_ = Turn::iv;
  return true;
}

bool Gcm::begin(Bytes iv) {
  if (!has_key() || iv.empty() || iv.size() > iv_max) return false;
  std::ranges::copy(iv, iv_.begin());
  iv_size_ = iv.size();
  text_size_ = aad_size_ = 0;
  aad_hash_ = {};
  aad_block_size_ = 0;
  turn_ = Turn::aad;
  return true;
}

bool Gcm::add_aad(Bytes aad) {
  if (turn_ != Turn::aad || aad.size() > aad_max - aad_size_) return false;
  aad_size_ += aad.size();
  while (!aad.empty()) {
    if (aad_block_size_ == aad_block_.size()) {
      functions_->hash(&key_, aad_block_.data(), aad_block_.size(), aad_hash_.data(), aad_hash_.size());
      aad_block_size_ = 0;
    }
    if (aad_block_size_ == 0 && aad.size() > aad_block_.size()) {
      const std::size_t whole = (aad.size() - 1) / aad_block_.size() * aad_block_.size();
      functions_->hash(&key_, aad.data(), whole, aad_hash_.data(), aad_hash_.size());
      aad = aad.subspan(whole);
    }
    const std::size_t count = std::min(aad.size(), aad_block_.size() - aad_block_size_);
    std::ranges::copy(aad.first(count), aad_block_.begin() + static_cast<std::ptrdiff_t>(aad_block_size_));
    aad_block_size_ += count;
    aad = aad.subspan(count);
  }
  return true;
}

void Gcm::begin_text() {
  const bool is_short = aad_size_ == aad_block_size_;  // as in TLS: 5 or 13 bytes
  functions_->begin(&key_, &message_, iv_.data(), iv_size_, aad_block_.data(), is_short ? aad_size_ : 0);
  if (is_short) return;
  functions_->hash(&key_, aad_block_.data(), aad_block_size_, aad_hash_.data(), aad_hash_.size());
  // The library keeps the hash of a message under way with its bytes the other way round. That is not in its
  // manual, but in the version that MultiBuffer insists on, and in the tests.
  std::ranges::reverse_copy(aad_hash_, message_.aad_hash);
  message_.aad_length = aad_size_;
}

bool Gcm::may_process(Turn direction, Bytes text) {
  if (turn_ != Turn::aad && turn_ != direction) return false;
  if (text.size() > text_max - text_size_) return false;
  if (turn_ == Turn::aad) begin_text();
  turn_ = direction;
  text_size_ += text.size();
  return true;
}

bool Gcm::encrypt(Bytes plain, std::uint8_t* out) {
  if (!may_process(Turn::encryption, plain)) return false;
  if (!plain.empty()) functions_->encrypt(&key_, &message_, out, plain.data(), plain.size());
  return true;
}

bool Gcm::decrypt(Bytes secret, std::uint8_t* out) {
  if (!may_process(Turn::decryption, secret)) return false;
  if (!secret.empty()) functions_->decrypt(&key_, &message_, out, secret.data(), secret.size());
  return true;
}

bool Gcm::finish(Tag& tag) {
  if (turn_ == Turn::key || turn_ == Turn::iv) return false;
  if (turn_ == Turn::aad) begin_text();
  const auto finish =
      turn_ == Turn::decryption ? functions_->finish_decryption : functions_->finish_encryption;
  finish(&key_, &message_, tag.data(), tag.size());
  turn_ = Turn::iv;
  return true;
}

}  // namespace sampan::ipsec_mb
