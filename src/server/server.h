#pragma once

#include "server/configuration.h"

namespace sampan::server {

/// Runs a server until SIGTERM or SIGINT; prints the fingerprint, a `listening` line per listener and `ready`
/// on standard output. What keeps it from starting is an Error that names the cause. Blocks the signals in
/// every thread it starts; call it once, early, from a process with one thread.
Result<> serve(const Configuration& configuration);

}  // namespace sampan::server
