#include "login/kdf.h"

#include <argon2.h>

#include "login/saslprep.h"

namespace sampan::login {
namespace {

constexpr std::uint32_t memory_most = 1024 * 1024;  // KiB
constexpr std::uint32_t passes_most = 64;
constexpr std::uint32_t lanes_most = 16;
constexpr std::size_t salt_least = 16;

// What SASLprep refuses is taken as it was typed.
Secret prepared(const Secret& password) {
  auto result = saslprep(password.reveal());
  return result ? std::move(*result) : password.copy();
}

}  // namespace

Result<> check(const KdfParameters& parameters) {
  const KdfParameters least;
  if (parameters.memory_kib < least.memory_kib || parameters.passes < least.passes ||
      parameters.lanes < least.lanes)
    return fail(ErrorCode::invalid, "the password hash that is asked for is too cheap to be safe");
  if (parameters.memory_kib > memory_most || parameters.passes > passes_most || parameters.lanes > lanes_most)
    return fail(ErrorCode::invalid, "the password hash that is asked for is too costly to be meant");
  return {};
}

Result<Secret> salted_password(const Secret& password, std::string_view salt,
                               const KdfParameters& parameters) {
  if (salt.size() < salt_least) return fail(ErrorCode::invalid, "a salt of fewer than 16 bytes");
  const Secret ready = prepared(password);
  std::string hash(32, '\0');
  const int status =
      argon2id_hash_raw(parameters.passes, parameters.memory_kib, parameters.lanes, ready.reveal().data(),
                        ready.reveal().size(), salt.data(), salt.size(), hash.data(), hash.size());
  if (status == ARGON2_MEMORY_ALLOCATION_ERROR || status == ARGON2_THREAD_FAIL)
    return fail(ErrorCode::busy, "no memory for the password hash");
  if (status != ARGON2_OK) return fail(ErrorCode::invalid, argon2_error_message(status));
  return Secret(std::move(hash));
}

}  // namespace sampan::login
