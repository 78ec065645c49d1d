#include "base/digest.h"

#include <algorithm>
#include <cstring>

#include <blake3.h>

#include "base/encoding.h"

namespace sampan {
namespace {

constexpr std::string_view algorithm = "blake3:";

static_assert(sizeof(blake3_hasher) <= 1920 && alignof(blake3_hasher) <= 8);

blake3_hasher* hasher_in(std::byte* state) {
  return reinterpret_cast<blake3_hasher*>(state);
}
const blake3_hasher* hasher_in(const std::byte* state) {
  return reinterpret_cast<const blake3_hasher*>(state);
}

// The library (1.3) keeps what it has found out about the processor in a plain variable, which the first two
// threads that hash would both write. It finds out here, once.
bool know_processor() {
  blake3_hasher hasher;
  std::array<std::uint8_t, Digest::size> unused;
  blake3_hasher_init(&hasher);
  blake3_hasher_finalize(&hasher, unused.data(), unused.size());
  return true;
}

}  // namespace

Digest::Digest(std::span<const std::byte, size> bytes) {
  std::ranges::copy(bytes, bytes_.begin());
}

std::optional<Digest> Digest::parse(std::string_view text) {
  if (!text.starts_with(algorithm)) return std::nullopt;
  const auto bytes = decode_hex(text.substr(algorithm.size()));
  if (!bytes || bytes->size() != size) return std::nullopt;
  return Digest(std::span<const std::byte, size>(as_bytes(*bytes).data(), size));
}

std::string Digest::text() const {
  return std::string(algorithm) + hex();
}

std::string Digest::hex() const {
  return encode_hex(bytes_);
}

Hasher::Hasher() {
  [[maybe_unused]] static const bool known = know_processor();
  blake3_hasher_init(hasher_in(state_.data()));
}

void Hasher::update(ByteView bytes) {
  blake3_hasher_update(hasher_in(state_.data()), bytes.data(), bytes.size());
  count_ += bytes.size();
}

Digest Hasher::digest() const {
  std::array<std::byte, Digest::size> out;
  blake3_hasher_finalize(hasher_in(state_.data()), reinterpret_cast<std::uint8_t*>(out.data()), out.size());
  return Digest(out);
}

Digest digest_of(ByteView bytes) {
  Hasher hasher;
  hasher.update(bytes);
  return hasher.digest();
}

}  // namespace sampan
