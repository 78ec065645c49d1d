#include "cli/password.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/system_error.h"
#include "base/unique_fd.h"

namespace sampan::cli {
namespace {

constexpr std::size_t password_limit = 1024;

// Byte by byte: what follows the line on standard input belongs to the command.
Result<Secret> first_line(int fd) {
  std::string line;
  line.reserve(password_limit);  // so that no copy is left behind by growing
  while (true) {
    char c = 0;
    const ssize_t count = read(fd, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(system_error(errno, "read the password"));
    if (count == 0 || c == '\n') break;
    if (line.size() == password_limit) return fail(ErrorCode::invalid, "a password has at most 1024 bytes");
    line += c;
  }
  if (line.empty()) return fail(ErrorCode::invalid, "the password is empty");
  return Secret(std::move(line));
}

}  // namespace

Result<Secret> read_password_file(const std::string& file) {
  const auto named = [&](const Error& error) {
    return fail(error.code(),
                "password file " + file + (error.detail().empty() ? "" : ": " + error.detail()));
  };
  if (file == "-") return first_line(STDIN_FILENO);
  const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return named(system_error(errno, "open"));
  auto password = first_line(fd.get());
  if (!password) return named(password.error());
  return password;
}

}  // namespace sampan::cli
