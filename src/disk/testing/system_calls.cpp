// Where a program linked with --wrap (see ../CMakeLists.txt) makes its file system calls: those that concern
// the mounted simulated disk go there, all others to the C library.

#include <cerrno>
#include <cstdarg>

#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "disk/testing/simulated_disk.h"

namespace sampan::disk::testing {
namespace {

SimulatedDisk* mounted = nullptr;  // tidy-allow: the system calls are the process's own; see MountedDisk

template <class Outcome>
Outcome answer(Outcome outcome) {
  if (outcome >= 0) return outcome;
  errno = static_cast<int>(-outcome);
  return -1;
}

bool simulated(int descriptor) {
  return mounted != nullptr && mounted->owns(descriptor);
}
bool simulated(const char* path) {
  return mounted != nullptr && SimulatedDisk::owns(path);
}

bool simulated(int at, const char* path) {
  return at == AT_FDCWD ? simulated(path) : simulated(at);
}

}  // namespace

MountedDisk::MountedDisk(SimulatedDisk& disk) : before_(mounted) {
  mounted = &disk;
}
MountedDisk::~MountedDisk() {
  mounted = before_;
}

// What the linker makes of a call of f: __wrap_f. And __real_f is the C library's.
#define SIMULATE(name, result, parameters, arguments, ...)                                     \
  extern "C" result __real_##name parameters;                                                  \
  extern "C" result __wrap_##name parameters;                                                  \
  extern "C" result __wrap_##name parameters {                                                 \
    return simulated(__VA_ARGS__) ? answer(mounted->name arguments) : __real_##name arguments; \
  }

SIMULATE(close, int, (int fd), (fd), fd)
SIMULATE(fstat, int, (int fd, struct stat* status), (fd, status), fd)
SIMULATE(pread, ssize_t, (int fd, void* room, size_t size, off_t at), (fd, room, size, at), fd)
SIMULATE(pwrite, ssize_t, (int fd, const void* bytes, size_t size, off_t at), (fd, bytes, size, at), fd)
SIMULATE(write, ssize_t, (int fd, const void* bytes, size_t size), (fd, bytes, size), fd)
SIMULATE(lseek, off_t, (int fd, off_t offset, int whence), (fd, offset, whence), fd)
SIMULATE(ftruncate, int, (int fd, off_t size), (fd, size), fd)
SIMULATE(fsync, int, (int fd), (fd), fd)
SIMULATE(fchmod, int, (int fd, mode_t mode), (fd, mode), fd)
SIMULATE(futimens, int, (int fd, const timespec times[2]), (fd, times), fd)
SIMULATE(fgetxattr, ssize_t, (int fd, const char* name, void* room, size_t size), (fd, name, room, size), fd)
SIMULATE(mkdir, int, (const char* path, mode_t mode), (path, mode), path)
SIMULATE(mkdirat, int, (int at, const char* path, mode_t mode), (at, path, mode), at)
SIMULATE(unlinkat, int, (int at, const char* path, int flags), (at, path, flags), at, path)
SIMULATE(renameat2, int, (int from_at, const char* from, int to_at, const char* to, unsigned flags),
         (from_at, from, to_at, to, flags), from_at)

extern "C" {

int __real_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, ...);
int __real_openat(int at, const char* path, int flags, ...);
int __wrap_openat(int at, const char* path, int flags, ...);
int __real_fstatat(int at, const char* path, struct stat* status, int flags);
int __wrap_fstatat(int at, const char* path, struct stat* status, int flags);
int __real_fallocate(int fd, int mode, off_t from, off_t size);
int __wrap_fallocate(int fd, int mode, off_t from, off_t size);
int __real_sync_file_range(int fd, off64_t from, off64_t size, unsigned flags);
int __wrap_sync_file_range(int fd, off64_t from, off64_t size, unsigned flags);
int __real_utimensat(int at, const char* path, const timespec times[2], int flags);
int __wrap_utimensat(int at, const char* path, const timespec times[2], int flags);
int __real_fsetxattr(int fd, const char* name, const void* value, size_t size, int flags);
int __wrap_fsetxattr(int fd, const char* name, const void* value, size_t size, int flags);
int __real_renameat(int from_at, const char* from, int to_at, const char* to);
int __wrap_renameat(int from_at, const char* from, int to_at, const char* to);
int __real_faccessat(int at, const char* path, int mode, int flags);
int __wrap_faccessat(int at, const char* path, int mode, int flags);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

int __wrap_open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return simulated(path) ? answer(mounted->open(path, flags, mode)) : __real_open(path, flags, mode);
}

int __wrap_openat(int at, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return simulated(at) ? answer(mounted->openat(at, path, flags, mode))
                       : __real_openat(at, path, flags, mode);
}

int __wrap_fstatat(int at, const char* path, struct stat* status, int flags) {
  return simulated(at) ? answer(mounted->fstatat(at, path, status)) : __real_fstatat(at, path, status, flags);
}

int __wrap_fallocate(int fd, int mode, off_t from, off_t size) {
  return simulated(fd) ? answer(mounted->fallocate(fd, from + size)) : __real_fallocate(fd, mode, from, size);
}

int __wrap_sync_file_range(int fd, off64_t from, off64_t size, unsigned flags) {
  return simulated(fd) ? answer(mounted->sync_file_range(fd)) : __real_sync_file_range(fd, from, size, flags);
}

int __wrap_utimensat(int at, const char* path, const timespec times[2], int flags) {
  return simulated(at) ? answer(mounted->utimensat(at, path, times))
                       : __real_utimensat(at, path, times, flags);
}

int __wrap_fsetxattr(int fd, const char* name, const void* value, size_t size, int flags) {
  return simulated(fd) ? answer(mounted->fsetxattr(fd, name, value, size))
                       : __real_fsetxattr(fd, name, value, size, flags);
}

int __wrap_renameat(int from_at, const char* from, int to_at, const char* to) {
  return simulated(from_at) ? answer(mounted->renameat2(from_at, from, to_at, to, 0))
                            : __real_renameat(from_at, from, to_at, to);
}

int __wrap_faccessat(int at, const char* path, int mode, int flags) {
  return simulated(at) ? answer(mounted->faccessat(at)) : __real_faccessat(at, path, mode, flags);
}

long __wrap_syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  const long first = va_arg(rest, long);
  const long second = va_arg(rest, long);
  const long third = va_arg(rest, long);
  const long fourth = va_arg(rest, long);
  const long fifth = va_arg(rest, long);
  const long sixth = va_arg(rest, long);
  va_end(rest);
  const int fd = static_cast<int>(first);
  if (number == SYS_openat2 && simulated(fd)) {
    const auto* how = reinterpret_cast<const open_how*>(third);
    return answer(mounted->openat2(fd, reinterpret_cast<const char*>(second), how->flags, how->mode));
  }
  if (number == SYS_getdents64 && simulated(fd))
    return answer(mounted->getdents(fd, reinterpret_cast<void*>(second), static_cast<std::size_t>(third)));
  return __real_syscall(number, first, second, third, fourth, fifth, sixth);
}

}  // extern "C"

}  // namespace sampan::disk::testing
