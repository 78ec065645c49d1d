#include "accounts/account.h"

#include <algorithm>

#include "base/text.h"
#include "login/saslprep.h"

namespace sampan::accounts {

std::optional<std::uint64_t> Account::entry_limit() const {
  constexpr std::uint64_t block = 4096;
  constexpr std::uint64_t entries_least = 1024;
  if (max_files || !quota) return max_files;
  return std::max(entries_least, *quota / block);
}

Result<> check_name(std::string_view name) {
  constexpr std::size_t name_most = 128;
  const auto refuse = [](const char* why) {
    return fail(ErrorCode::invalid, std::string("user name: ") + why);
  };
  if (name.empty()) return refuse("it is empty");
  if (name.size() > name_most) return refuse("it is longer than 128 bytes");
  if (!is_utf8(name)) return refuse("it is not UTF-8");
  if (name.find('/') != name.npos) return refuse("it has a \"/\"");
  if (printable(name) != name) return refuse("it has a control character, or one that cannot be seen");
  if (name.front() == '.' || name.front() == '-') return refuse("it begins with \".\" or \"-\"");
  if (name.front() == ' ' || name.back() == ' ') return refuse("it begins or ends with a space");
  const auto at_login = login::saslprep(name);
  if (!at_login) return refuse("it has a character that a login cannot carry");
  if (at_login->reveal() != name)
    return fail(ErrorCode::invalid,
                "user name: a login would spell it \"" + std::string(at_login->reveal()) + "\": use that");
  return {};
}

}  // namespace sampan::accounts
