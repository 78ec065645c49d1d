#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "login/kdf.h"

namespace sampan::client {

/// What lets a client log in again without the password: the salted one, which is worth the password at this
/// server and nothing elsewhere.
struct SavedCredential {
  std::string salt;
  login::KdfParameters kdf;
  Secret salted_password;
};

struct Profile {
  std::string name;
  std::string url;  ///< of a ServerAddress
};

/// The servers that `sampan login` remembers: profiles.toml and one file a credential below the configuration
/// directory, mode 0600.
class Profiles {
 public:
  explicit Profiles(std::string directory) : directory_(std::move(directory)) {}

  Result<std::vector<Profile>> list() const;
  /// By name; the empty name is the default one (the first that was saved). not_found.
  Result<Profile> find(const std::string& name) const;
  Result<> save(const Profile& profile) const;

  /// Of a server address's text; nothing where none was saved.
  Result<std::optional<SavedCredential>> credential(const std::string& url) const;
  Result<> save_credential(const std::string& url, const SavedCredential& credential) const;

 private:
  std::string directory_;
};

}  // namespace sampan::client
