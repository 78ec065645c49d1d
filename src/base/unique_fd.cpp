#include "base/unique_fd.h"

#include <unistd.h>

namespace sampan {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);  // not retried on EINTR: on Linux the descriptor is gone
  fd_ = fd;
}

}  // namespace sampan
