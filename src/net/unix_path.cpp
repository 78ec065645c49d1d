#include "net/unix_path.h"

#include <cerrno>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace sampan::net {

void remove_stale_socket(const SocketAddress& address, int type) {
  const char* path = reinterpret_cast<const sockaddr_un*>(address.get())->sun_path;
  struct stat status {};
  if (lstat(path, &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const UniqueFd probe(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  if (probe && ::connect(probe.get(), address.get(), address.size()) != 0 && errno == ECONNREFUSED)
    unlink(path);
}

}  // namespace sampan::net
