#pragma once

#include "net/socket_address.h"

namespace sampan::s00_sockets {

/// Without a connection: sendto and recvfrom between two places.
void tour_of_datagrams(const net::SocketAddress& left_place, const net::SocketAddress& right_place);

}  // namespace sampan::s00_sockets
