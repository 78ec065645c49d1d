#include "net/resolve.h"

#include "net/socket_address.h"

namespace sampan::net {

Result<Endpoint> resolve(const Endpoint& endpoint) {
  if (endpoint.is_unix()) return endpoint;
  const auto addresses = addresses_of(endpoint, false);
  if (!addresses) return fail(addresses.error());
  return addresses->front().endpoint();
}

}  // namespace sampan::net
