#pragma once

#include "base/result.h"
#include "net/endpoint.h"

namespace sampan::net {

/// The endpoint with its name as a numeric address (the first that the system's resolver gives); a UNIX path
/// or an address stays as it is. Blocks. For a server before it shuts itself in: it can look nothing up
/// afterwards. not_found, naming the host.
Result<Endpoint> resolve(const Endpoint& endpoint);

}  // namespace sampan::net
