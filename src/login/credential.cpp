#include "login/credential.h"

#include <gsasl.h>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/random.h"

namespace sampan::login {
namespace {

constexpr std::size_t salt_size = 16;
constexpr std::size_t key_size = 32;
constexpr std::size_t password_most = 1024;

std::string derived(std::string_view secret, std::string_view label, std::string_view name) {
  Hasher hasher;
  for (const std::string_view part : {secret, label, name}) hasher.update(as_bytes(part));
  return std::string(as_text(hasher.digest().bytes()));
}

}  // namespace

Result<Credential> make_credential(const Secret& password, const KdfParameters& parameters) {
  if (password.empty()) return fail(ErrorCode::invalid, "an empty password");
  if (password.reveal().size() > password_most)
    return fail(ErrorCode::invalid, "a password longer than 1024 bytes");
  if (password.reveal().find('\0') != std::string_view::npos)
    return fail(ErrorCode::invalid, "a password with a NUL byte");
  if (auto sound = check(parameters); !sound) return fail(sound.error());
  Credential credential;
  credential.kdf = parameters;
  credential.salt.resize(salt_size);
  fill_random(std::as_writable_bytes(std::span(credential.salt)));
  const auto salted = salted_password(password, credential.salt, parameters);
  if (!salted) return fail(salted.error());
  std::string client_key(key_size, '\0');
  credential.server_key.resize(key_size);
  credential.stored_key.resize(key_size);
  const int status =
      gsasl_scram_secrets_from_salted_password(GSASL_HASH_SHA256, salted->reveal().data(), client_key.data(),
                                               credential.server_key.data(), credential.stored_key.data());
  const Secret wiped(std::move(client_key));
  if (status != GSASL_OK) return fail(ErrorCode::io_error, gsasl_strerror(status));
  return credential;
}

Credential decoy_credential(std::string_view name, std::string_view server_secret) {
  Credential credential;
  credential.salt = derived(server_secret, "decoy salt", name).substr(0, salt_size);
  credential.stored_key = derived(server_secret, "decoy stored key", name);
  credential.server_key = derived(server_secret, "decoy server key", name);
  return credential;
}

}  // namespace sampan::login
