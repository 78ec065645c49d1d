#pragma once

#include <cstdint>
#include <string>

#include "client/connection.h"
#include "client/progress.h"

namespace sampan::client {

struct TreeCounts {
  std::uint64_t files = 0;    ///< transferred
  std::uint64_t skipped = 0;  ///< there already, same size and time
  std::uint64_t bytes = 0;    ///< of both
  std::uint64_t failed = 0;
};

/// Sends a directory with everything below it to `remote` (made where it is missing). Links are followed, as
/// with scp -r, except into a directory that they are in; FIFOs, sockets and devices fail by name. Modes and
/// times are kept, also those of directories. Small files travel many at a time. An error is what ended it
/// all.
net::Task<Result<TreeCounts>> upload_tree(Connection& connection, std::string local, std::string remote,
                                          ProgressSink& progress, OnFailed on_failed);

/// Fetches a directory to `local` (made where it is missing). Names from the server that could lead out of
/// `local` fail by name.
net::Task<Result<TreeCounts>> download_tree(Connection& connection, std::string remote, std::string local,
                                            ProgressSink& progress, OnFailed on_failed);

}  // namespace sampan::client
