#pragma once

#include <chrono>

namespace sampan::net {

/// The shortest that the kernel has measured on a TCP connection (TCP_INFO); zero on other sockets, and
/// before it has measured anything.
std::chrono::microseconds tcp_round_trip(int fd);

}  // namespace sampan::net
