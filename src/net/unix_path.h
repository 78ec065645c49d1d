#pragma once

#include "net/socket_address.h"

namespace sampan::net {

/// Removes the socket at a UNIX path if nobody listens on it any more (`type`: SOCK_STREAM, SOCK_DGRAM).
/// Anything else at that path is somebody's file and stays.
void remove_stale_socket(const SocketAddress& address, int type);

}  // namespace sampan::net
