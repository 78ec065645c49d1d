#include "server/data_directory.h"

#include <cerrno>
#include <cstdlib>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_error.h"
#include "disk/directory.h"
#include "storage/homes.h"

namespace sampan::server {
namespace {

constexpr std::uint32_t private_mode = 0700;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string name_of(uid_t uid) {
  const passwd* entry = getpwuid(uid);
  return entry == nullptr ? "user " + std::to_string(uid) : entry->pw_name;
}

struct Folders {
  disk::Directory homes;
  disk::Directory staging;
};

Result<Folders> open_folders(const DataDirectory& data) {
  auto homes = disk::Directory::open_trusted(data.homes());
  if (!homes) return fail(homes.error());
  auto staging = disk::Directory::open_trusted(data.staging());
  if (!staging) return fail(staging.error());
  return Folders{std::move(*homes), std::move(*staging)};
}

}  // namespace

Result<std::string> DataDirectory::default_path() {
  if (auto path = variable("SAMPAN_DATA"); !path.empty()) return path;
  if (auto path = variable("XDG_DATA_HOME"); !path.empty()) return path + "/sampan";
  if (auto path = variable("HOME"); !path.empty()) return path + "/.local/share/sampan";
  return fail(ErrorCode::invalid, "no data directory: use --data DIR, or set SAMPAN_DATA");
}

Result<> DataDirectory::make_for(const std::string& path, const ServiceUser& user) {
  if (!user.lays_down() || access(path.c_str(), F_OK) == 0) return {};
  const auto made = disk::Directory::make_trusted(path, private_mode);
  if (!made) return fail(made.error().code(), "data directory " + path + ": " + made.error().message());
  if (fchown(made->fd(), user.uid(), user.gid()) != 0) return fail(system_error(errno, "data directory"));
  return {};
}

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  DataDirectory data(path);
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && status.st_uid != geteuid())
    return fail(ErrorCode::denied, "data directory " + path + " belongs to " + name_of(status.st_uid) +
                                       ", and this is " + name_of(geteuid()) +
                                       ": run it as its owner (a server: --user)");
  for (const std::string& folder : {path, data.tls_folder(), data.homes(), data.staging()}) {
    const auto made = disk::Directory::make_trusted(folder, private_mode);
    if (!made) return fail(made.error().code(), "data directory " + folder + ": " + made.error().message());
  }
  return data;
}

Result<> DataDirectory::make_home(const std::string& user) const {
  const auto folders = open_folders(*this);
  if (!folders) return fail(folders.error());
  return storage::make_home(folders->homes, user);
}

Result<storage::Usage> DataDirectory::usage_of(const std::string& user) const {
  const auto folders = open_folders(*this);
  if (!folders) return fail(folders.error());
  return storage::count_home(folders->homes, folders->staging, user);
}

Result<> DataDirectory::purge(const std::string& user) const {
  const auto folders = open_folders(*this);
  if (!folders) return fail(folders.error());
  return storage::purge_home(folders->homes, folders->staging, user);
}

}  // namespace sampan::server
