#pragma once

#include <string>
#include <vector>

#include <sys/socket.h>

#include "base/result.h"
#include "net/endpoint.h"

namespace sampan::net {

/// A sockaddr of any family, as a value.
class SocketAddress {
 public:
  SocketAddress() = default;
  SocketAddress(const sockaddr* address, socklen_t size);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  sockaddr* room() { return reinterpret_cast<sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }
  socklen_t* size_room() { return &size_; }
  int family() const { return storage_.ss_family; }
  bool is_loopback() const;
  /// Host and port; "unix" for a UNIX socket's peer, which has no name.
  Endpoint endpoint() const;
  std::string text() const;
  /// See ByteStream::peer_network. An IPv4 address in IPv6 is itself.
  std::string network() const;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = sizeof(sockaddr_storage);
};

/// All addresses of an endpoint, in the resolver's order. `numeric` looks nothing up. not_found; blocks.
Result<std::vector<SocketAddress>> addresses_of(const Endpoint& endpoint, bool numeric);

}  // namespace sampan::net
