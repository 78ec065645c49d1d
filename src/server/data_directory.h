#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "server/service_user.h"
#include "storage/usage.h"

namespace sampan::server {

/// Everything the server owns, and where each thing lies in it. All names on disk are here.
///
///   DIR/accounts.db        who may log in (SQLite, 0600)
///   DIR/tls/key.pem, certificate.pem
///   DIR/homes/NAME/        the users' files, as ordinary files
///   DIR/staging/NAME/      uploads on their way; the same file system as the homes, so that publishing is
///   one rename
class DataDirectory {
 public:
  /// `path`, or SAMPAN_DATA, or $XDG_DATA_HOME/sampan, or ~/.local/share/sampan. invalid where none of these
  /// is set.
  static Result<std::string> default_path();

  /// Makes the directory and its folders with mode 0700 where they are missing. denied where another user
  /// owns it.
  static Result<DataDirectory> open(const std::string& path);
  /// For a server that root starts and that then works as another user: where nothing is there yet, makes an
  /// empty directory that is this user's.
  static Result<> make_for(const std::string& path, const ServiceUser& user);

  const std::string& path() const { return path_; }
  std::string accounts_file() const { return path_ + "/accounts.db"; }
  std::string tls_folder() const { return path_ + "/tls"; }
  std::string certificate_file() const { return path_ + "/tls/certificate.pem"; }
  std::string key_file() const { return path_ + "/tls/key.pem"; }
  std::string homes() const { return path_ + "/homes"; }
  std::string staging() const { return path_ + "/staging"; }

  /// The home of a new account, mode 0700; one that is there already is fine. denied where something else
  /// stands in its place.
  Result<> make_home(const std::string& user) const;
  /// Counts what a user keeps, on the disk, uploads on their way included. {0, 0} where there is no home yet.
  Result<storage::Usage> usage_of(const std::string& user) const;
  /// Deletes a user's home and staged uploads, for good, as far as that goes: the error names what stays.
  /// not_found where there is neither.
  Result<> purge(const std::string& user) const;

 private:
  explicit DataDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace sampan::server
