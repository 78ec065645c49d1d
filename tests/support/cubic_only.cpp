// Preloaded: a system that lets no program choose another congestion control, as where BBR is not loaded.
#include <cerrno>

#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

extern "C" int setsockopt(int fd, int level, int name, const void* value, socklen_t size) noexcept {
  if (level == IPPROTO_TCP && name == TCP_CONGESTION) {
    errno = EPERM;
    return -1;
  }
  static const auto real = reinterpret_cast<decltype(&setsockopt)>(dlsym(RTLD_NEXT, "setsockopt"));
  return real(fd, level, name, value, size);
}
