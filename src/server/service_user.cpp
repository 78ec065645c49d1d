#include "server/service_user.h"

#include <cerrno>
#include <cstdlib>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "base/system_error.h"

namespace sampan::server {
namespace {

constexpr uid_t root = 0;

}  // namespace

Result<ServiceUser> ServiceUser::find(const std::string& name) {
  const passwd* entry = getpwnam(name.c_str());
  if (entry == nullptr) return fail(ErrorCode::not_found, "no user \"" + name + "\" on this machine");
  ServiceUser user;
  user.name_ = name;
  user.uid_ = entry->pw_uid;
  user.gid_ = entry->pw_gid;
  user.lays_down_ = geteuid() != entry->pw_uid;
  if (user.lays_down_ && geteuid() != root)
    return fail(ErrorCode::denied, "only root can make the server work as \"" + name + "\"");
  return user;
}

Result<> ServiceUser::enter() const {
  if (!lays_down_) return {};
  if (initgroups(name_.c_str(), gid_) != 0 || setegid(gid_) != 0 || seteuid(uid_) != 0)
    return fail(system_error(errno, "change to " + name_));
  return {};
}

Result<> ServiceUser::stay() const {
  if (!lays_down_) return {};
  // From root, so that the real and the saved user go as well; the C library does it in every thread.
  if (seteuid(root) != 0 || setresgid(gid_, gid_, gid_) != 0 || setresuid(uid_, uid_, uid_) != 0)
    return fail(system_error(errno, "change to " + name_));
  if (setuid(root) == 0 || seteuid(root) == 0) std::abort();
  return {};
}

ServiceUser::AsRoot::AsRoot(const ServiceUser& user) : user_(user) {
  // Where this fails, what needs root's rights will say so.
  if (user_.lays_down_) [[maybe_unused]] const int changed = seteuid(root);
}

ServiceUser::AsRoot::~AsRoot() {
  if (user_.lays_down_ && seteuid(user_.uid_) != 0) std::abort();
}

}  // namespace sampan::server
