#include "net/socket_address.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace sampan::net {

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size) : size_(size) {
  std::memcpy(&storage_, address, size);
}

bool SocketAddress::is_loopback() const {
  if (family() == AF_UNIX) return true;
  if (family() == AF_INET)
    return (ntohl(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr.s_addr) >> 24) == 127;
  return family() == AF_INET6 &&
         IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr);
}

Endpoint SocketAddress::endpoint() const {
  if (family() == AF_UNIX) return {"", 0, "unix"};
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getnameinfo(get(), size_, host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return {"?", 0, ""};
  return {host.data(), static_cast<std::uint16_t>(std::stoul(port.data())), ""};
}

std::string SocketAddress::network() const {
  if (family() == AF_UNIX) return "unix";
  if (family() != AF_INET6) return endpoint().host;
  in6_addr address = reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (IN6_IS_ADDR_V4MAPPED(&address) != 0) {
    inet_ntop(AF_INET, &address.s6_addr[12], text.data(), text.size());
    return text.data();
  }
  std::fill(address.s6_addr + 8, address.s6_addr + 16, std::uint8_t{0});
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return std::string(text.data()) + "/64";
}

std::string SocketAddress::text() const {
  return family() == AF_UNIX ? "unix" : endpoint().text();
}

Result<std::vector<SocketAddress>> addresses_of(const Endpoint& endpoint, bool numeric) {
  if (endpoint.is_unix()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (endpoint.path.size() >= sizeof(address.sun_path))
      return fail(ErrorCode::invalid, "a UNIX path of over 107 bytes");
    std::memcpy(address.sun_path, endpoint.path.data(), endpoint.path.size());
    return std::vector{SocketAddress(reinterpret_cast<const sockaddr*>(&address), sizeof(address))};
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (numeric ? AI_NUMERICHOST : 0);
  addrinfo* found = nullptr;
  const int status =
      getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (status != 0) return fail(ErrorCode::not_found, "host " + endpoint.host + ": " + gai_strerror(status));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* item = found; item != nullptr; item = item->ai_next)
    addresses.emplace_back(item->ai_addr, item->ai_addrlen);
  return addresses;
}

}  // namespace sampan::net
