#pragma once

#include "net/socket_address.h"

namespace sampan::s00_sockets {

/// A connection from `bind` to `close`, both ends in this program.
void tour_of_streams(const net::SocketAddress& where);

}  // namespace sampan::s00_sockets
