#include "client/profiles.h"

#include <sstream>

#include <toml++/toml.h>

#include "base/digest.h"
#include "base/encoding.h"
#include "client/private_file.h"

namespace sampan::client {
namespace {

constexpr std::string_view profiles_name = "profiles.toml";

std::string credential_name(const std::string& url) {
  return "credential-" + digest_of(as_bytes(url)).hex().substr(0, 32) + ".toml";
}

// An empty table where there is no such file.
Result<toml::table> read_table(const std::string& file) {
  const auto text = read_private_file(file);
  if (!text) return fail(text.error());
  if (!*text) return toml::table();
  try {
    return toml::parse(**text);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::invalid, file + ": " + std::string(error.description()));
  }
}

std::string written(const toml::table& table) {
  std::ostringstream out;
  out << table << "\n";
  return out.str();
}

}  // namespace

Result<std::vector<Profile>> Profiles::list() const {
  const auto table = read_table(directory_ + "/" + std::string(profiles_name));
  if (!table) return fail(table.error());
  std::vector<Profile> profiles;
  if (const toml::table* all = (*table)["profiles"].as_table())
    for (const auto& [name, url] : *all)
      profiles.push_back({std::string(name.str()), url.value_or(std::string())});
  return profiles;
}

Result<Profile> Profiles::find(const std::string& name) const {
  const auto table = read_table(directory_ + "/" + std::string(profiles_name));
  if (!table) return fail(table.error());
  const std::string wanted = name.empty() ? (*table)["default"].value_or(std::string()) : name;
  const auto url = (*table)["profiles"][wanted].value<std::string>();
  if (!url || wanted.empty())
    return fail(ErrorCode::not_found, name.empty() ? "no server is remembered: use sampan login, or --server"
                                                   : "no profile " + name);
  return Profile{wanted, *url};
}

Result<> Profiles::save(const Profile& profile) const {
  const auto directory = PrivateDirectory::lock(directory_);
  if (!directory) return fail(directory.error());
  const std::string file = directory_ + "/" + std::string(profiles_name);
  auto table = read_table(file);
  if (!table) return fail(table.error());
  if (!table->contains("default")) table->insert("default", profile.name);
  if (!table->contains("profiles")) table->insert("profiles", toml::table());
  toml::table* profiles = (*table)["profiles"].as_table();
  if (profiles == nullptr) return fail(ErrorCode::invalid, file + ": \"profiles\" is not a table");
  profiles->insert_or_assign(profile.name, profile.url);
  return directory->replace(std::string(profiles_name), written(*table));
}

Result<std::optional<SavedCredential>> Profiles::credential(const std::string& url) const {
  const auto table = read_table(directory_ + "/" + credential_name(url));
  if (!table) return fail(table.error());
  const auto salt = decode_base64((*table)["salt"].value_or(std::string()));
  const auto salted = decode_base64((*table)["salted-password"].value_or(std::string()));
  if (!salt || !salted || salted->empty()) return std::nullopt;
  SavedCredential credential;
  credential.salt = *salt;
  credential.kdf.memory_kib = (*table)["memory-kib"].value_or(std::uint32_t{0});
  credential.kdf.passes = (*table)["passes"].value_or(std::uint32_t{0});
  credential.kdf.lanes = (*table)["lanes"].value_or(std::uint32_t{0});
  credential.salted_password = Secret(*salted);
  return credential;
}

Result<> Profiles::save_credential(const std::string& url, const SavedCredential& credential) const {
  const toml::table table{{"server", url},
                          {"salt", encode_base64(as_bytes(credential.salt))},
                          {"memory-kib", credential.kdf.memory_kib},
                          {"passes", credential.kdf.passes},
                          {"lanes", credential.kdf.lanes},
                          {"salted-password", encode_base64(as_bytes(credential.salted_password.reveal()))}};
  const auto directory = PrivateDirectory::lock(directory_);
  if (!directory) return fail(directory.error());
  return directory->replace(credential_name(url), written(table));
}

}  // namespace sampan::client
