#pragma once

#include <chrono>

namespace sampan::net {

/// The shortest that the kernel has measured on a TCP connection (TCP_INFO); zero on other sockets, and
/// before it has measured anything.
std::chrono::microseconds tcp_round_trip(int fd);

/// As ByteStream::loses_packets(): of what was sent, one packet in 500 went again and the congestion control
/// takes that for a full line; or of what was received, one in 100 came behind a gap. False where the line
/// really is full: the way there and back takes half as long again as the shortest. False on other sockets.
bool tcp_loses_packets(int fd);

}  // namespace sampan::net
