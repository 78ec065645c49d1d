#include "net/tcp_round_trip.h"

#include <cstddef>
#include <cstdint>

// Its tcp_info has tcpi_min_rtt, which the one of netinet/tcp.h lacks; no file can have both.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace sampan::net {

std::chrono::microseconds tcp_round_trip(int fd) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  const bool known = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                     size >= offsetof(tcp_info, tcpi_min_rtt) + sizeof(info.tcpi_min_rtt) &&
                     info.tcpi_min_rtt != UINT32_MAX;
  return std::chrono::microseconds(known ? info.tcpi_min_rtt : 0);
}

}  // namespace sampan::net
