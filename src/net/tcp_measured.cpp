#include "net/tcp_measured.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// Its tcp_info has tcpi_min_rtt, which the one of netinet/tcp.h lacks; no file can have both.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace sampan::net {
namespace {

// Fewer say nothing yet.
constexpr std::uint32_t repeated_least = 5;
constexpr std::uint32_t behind_gaps_least = 20;

// Nothing where the kernel does not know all of it (rcv_ooopack: Linux 5.4).
std::optional<tcp_info> measured(int fd) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  const bool known = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                     size >= offsetof(tcp_info, tcpi_rcv_ooopack) + sizeof(info.tcpi_rcv_ooopack);
  return known ? std::optional(info) : std::nullopt;
}

// Goes by the rate at which packets arrive, so that single ones that are lost do not slow it down.
bool goes_on_at_losses(int fd) {
  std::array<char, 16> name{};  // TCP_CA_NAME_MAX
  socklen_t size = name.size();
  return getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) == 0 &&
         std::string_view(name.data()).starts_with("bbr");
}

// Packets wait in a queue before the line: what gets lost then is what found no place in it.
bool fills_its_line(const tcp_info& info) {
  return info.tcpi_rtt > info.tcpi_min_rtt + info.tcpi_min_rtt / 2;
}

}  // namespace

std::chrono::microseconds tcp_round_trip(int fd) {
  const auto info = measured(fd);
  const bool known = info && info->tcpi_min_rtt != UINT32_MAX;
  return std::chrono::microseconds(known ? info->tcpi_min_rtt : 0);
}

bool tcp_loses_packets(int fd) {
  const auto info = measured(fd);
  if (!info || fills_its_line(*info)) return false;
  const bool sending = info->tcpi_total_retrans >= repeated_least &&
                       info->tcpi_total_retrans >= info->tcpi_data_segs_out / 500 && !goes_on_at_losses(fd);
  const bool receiving =
      info->tcpi_rcv_ooopack >= behind_gaps_least && info->tcpi_rcv_ooopack >= info->tcpi_data_segs_in / 100;
  return sending || receiving;
}

}  // namespace sampan::net
