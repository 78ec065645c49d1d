#include "accounts/account.h"

#include "base/text.h"

namespace sampan::accounts {

Result<> check_name(std::string_view name) {
  constexpr std::size_t name_most = 128;
  const auto refuse = [](const char* why) {
    return fail(ErrorCode::invalid, std::string("user name: ") + why);
  };
  if (name.empty()) return refuse("it is empty");
  if (name.size() > name_most) return refuse("it is longer than 128 bytes");
  if (!is_utf8(name)) return refuse("it is not UTF-8");
  if (name.find('/') != name.npos) return refuse("it has a \"/\"");
  if (printable(name) != name) return refuse("it has a control character");
  if (name.front() == '.' || name.front() == '-') return refuse("it begins with \".\" or \"-\"");
  if (name.front() == ' ' || name.back() == ' ') return refuse("it begins or ends with a space");
  return {};
}

}  // namespace sampan::accounts
