// Lesson 0, datagrams: a message is whole or not there, and each says where it came from.
#include "s00_sockets/datagrams.h"

#include <array>

#include <sys/socket.h>  // tidy-allow: this lesson is the calls themselves; the others leave them to net

#include "s00_sockets/steps.h"

namespace sampan::s00_sockets {

using net::SocketAddress;

void tour_of_datagrams(const SocketAddress& left_place, const SocketAddress& right_place) {
  const UniqueFd left = new_socket(left_place.family(), SOCK_DGRAM);
  const UniqueFd right = new_socket(right_place.family(), SOCK_DGRAM);
  step("bind", bind(left.get(), left_place.get(), left_place.size()));
  step("bind", bind(right.get(), right_place.get(), right_place.size()));
  SocketAddress to;
  step("getsockname", getsockname(right.get(), to.room(), to.size_room()));
  step("sendto", sendto(left.get(), "", 0, 0, to.get(), to.size()));  // empty, and yet a message
  step("sendto", sendto(left.get(), "hello", 5, 0, to.get(), to.size()));
  for (int i = 0; i < 2; ++i) {
    std::array<char, 1024> room;
    SocketAddress from;
    step("recvfrom", recvfrom(right.get(), room.data(), room.size(), 0, from.room(), from.size_room()));
  }
}

}  // namespace sampan::s00_sockets
