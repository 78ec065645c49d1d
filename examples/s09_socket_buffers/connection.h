#pragma once

#include <cstddef>
#include <utility>

#include <sys/types.h>

#include "base/unique_fd.h"

/// Two connected sockets of one program, and what one can ask the kernel about them.
namespace sampan::s09_socket_buffers {

/// The result of a call that must work. Throws StreamError with its name and reason.
ssize_t must(const char* call, ssize_t result);
/// SO_SNDBUF or SO_RCVBUF, as the kernel has it.
int size_of(const UniqueFd& socket, int which);
void ask_for(const UniqueFd& socket, int which, int bytes);

/// A TCP connection on this machine; `size` is asked for both sockets' buffers before they connect, if not 0.
std::pair<UniqueFd, UniqueFd> connection(int size);

/// Sends until the kernel says "not now", or `most` bytes are with it.
std::size_t send_what_fits(const UniqueFd& socket, std::size_t most);

struct Arrived {
  std::size_t bytes = 0;
  int error = 0;  ///< 0: an orderly end
};
Arrived receive_all(const UniqueFd& socket);

}  // namespace sampan::s09_socket_buffers
