#include "disk/attribute.h"

#include <array>
#include <cerrno>

#include <sys/xattr.h>

#include "base/system_error.h"

namespace sampan::disk {
namespace {

Error attribute_error(int error_number) {
  if (error_number == ENOTSUP) return ErrorCode::unsupported;
  return system_error(error_number, "extended attribute");
}

}  // namespace

Result<std::optional<std::string>> read_attribute(int fd, const char* name) {
  std::array<char, 4096> value;
  const ssize_t size = fgetxattr(fd, name, value.data(), value.size());
  if (size >= 0) return std::string(value.data(), static_cast<std::size_t>(size));
  if (errno == ENODATA) return std::nullopt;
  return fail(attribute_error(errno));
}

Result<> write_attribute(int fd, const char* name, std::string_view value) {
  if (fsetxattr(fd, name, value.data(), value.size(), 0) != 0) return fail(attribute_error(errno));
  return {};
}

}  // namespace sampan::disk
