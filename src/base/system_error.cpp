#include "base/system_error.h"

#include <cerrno>
#include <system_error>

namespace sampan {

std::string errno_text(int error_number) {
  return std::generic_category().message(error_number);
}

Error system_error(int error_number, std::string_view doing) {
  switch (error_number) {
    case ENOENT:
      return ErrorCode::not_found;
    case EEXIST:
      return ErrorCode::exists;
    case ENOTEMPTY:
      return ErrorCode::not_empty;
    case EISDIR:
      return ErrorCode::is_a_directory;
    case ENOTDIR:
      return ErrorCode::not_a_directory;
    case ENXIO:
      return ErrorCode::not_a_file;
    case ENAMETOOLONG:
      return {ErrorCode::invalid, "a name longer than 255 bytes, or a path longer than 4095"};
    case EINVAL:
      return {ErrorCode::invalid, std::string(doing)};
    case ELOOP:
      return {ErrorCode::denied, "too many symbolic links, or one that may not be followed"};
    case EXDEV:
      return {ErrorCode::denied, "the path leaves the home directory"};
    case EACCES:
      return {ErrorCode::denied, std::string(doing)};
    case EPERM:
    case EROFS:
      return {ErrorCode::denied, std::string(doing) + ": " + errno_text(error_number)};
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::disk_full;
    case EFBIG:
      return {ErrorCode::disk_full, "the file is too large for the file system"};
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return {ErrorCode::busy, errno_text(error_number)};
    case ETIMEDOUT:
      return ErrorCode::timed_out;
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EPIPE:
      return {ErrorCode::connection_lost, errno_text(error_number)};
    default:
      return {ErrorCode::io_error, std::string(doing) + ": " + errno_text(error_number)};
  }
}

}  // namespace sampan
