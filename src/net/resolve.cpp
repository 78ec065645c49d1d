#include "net/resolve.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <memory>

namespace sampan::net {

Result<Endpoint> resolve(const Endpoint& endpoint) {
  if (endpoint.is_unix()) return endpoint;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(endpoint.host.c_str(), nullptr, &hints, &found);
  if (status != 0) return fail(ErrorCode::not_found, "host " + endpoint.host + ": " + gai_strerror(status));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::array<char, NI_MAXHOST> host{};
  const int named = getnameinfo(found->ai_addr, found->ai_addrlen, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
  if (named != 0) return fail(ErrorCode::not_found, "host " + endpoint.host + ": " + gai_strerror(named));
  return Endpoint{host.data(), endpoint.port, {}};
}

}  // namespace sampan::net
