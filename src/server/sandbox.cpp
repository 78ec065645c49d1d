#include "server/sandbox.h"

#include <cerrno>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/system_error.h"
#include "base/unique_fd.h"

namespace sampan::server {
namespace {

constexpr std::uint64_t read_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

// What the running kernel's version of Landlock can forbid (its documentation, "Compatibility").
std::uint64_t all_rights(long version) {
  std::uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // version 1: everything up to MAKE_SYM
  if (version >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) rights |= 1ULL << 14;  // LANDLOCK_ACCESS_FS_TRUNCATE, newer than Debian 12's headers
  return rights;
}

Result<> allow(int ruleset, const std::string& path, std::uint64_t rights) {
  const UniqueFd place(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) return errno == ENOENT ? Result<>() : fail(system_error(errno, "open"));
  landlock_path_beneath_attr rule{};
  rule.allowed_access = rights;
  rule.parent_fd = place.get();
  if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0) return {};
  if (errno != EINVAL) return fail(system_error(errno, "landlock_add_rule"));
  rule.allowed_access = rights & (LANDLOCK_ACCESS_FS_READ_FILE |
                                  LANDLOCK_ACCESS_FS_WRITE_FILE);  // a file has no directory rights
  if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0) return {};
  return fail(system_error(errno, "landlock_add_rule"));
}

}  // namespace

Result<bool> enter_sandbox(const Sandbox& sandbox) {
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = all_rights(version);
  const UniqueFd ruleset(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0)));
  if (!ruleset) return fail(system_error(errno, "landlock_create_ruleset"));
  for (const std::string& path : sandbox.writable)
    if (auto allowed = allow(ruleset.get(), path, all_rights(version)); !allowed)
      return fail(allowed.error());
  for (const std::string& path : sandbox.readable)
    if (auto allowed = allow(ruleset.get(), path, read_rights); !allowed) return fail(allowed.error());
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail(system_error(errno, "prctl"));
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
    return fail(system_error(errno, "landlock_restrict_self"));
  return true;
}

}  // namespace sampan::server
