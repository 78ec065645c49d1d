#include "s00_sockets/steps.h"

#include <cerrno>

#include <sys/socket.h>  // tidy-allow: this lesson is the calls themselves; the others leave them to net

#include "base/system_error.h"
#include "lesson/program.h"

namespace sampan::s00_sockets {

void note(const std::string& call, const std::string& outcome) {
  lesson::say("  " + call + " -> " + outcome);
}

ssize_t step(const std::string& call, ssize_t result) {
  if (result < 0) throw net::StreamError(Error(ErrorCode::io_error, call + ": " + errno_text(errno)));
  note(call, std::to_string(result));
  return result;
}

UniqueFd new_socket(int family, int type) {
  return UniqueFd(static_cast<int>(step("socket", socket(family, type | SOCK_CLOEXEC, 0))));
}

}  // namespace sampan::s00_sockets
