#pragma once

#include <string>

#include "client/connection.h"
#include "client/progress.h"
#include "disk/directory.h"

namespace sampan::client {

/// What stands here now, verified and synced.
struct Fetched {
  std::uint64_t size = 0;
  Digest digest;
  FileTime mtime;
};

/// Fetches one file to `name` in `directory`: under a hidden name of its own until its digest is right and it
/// is on the disk, then by one rename, with mode and mtime. Takes up what an earlier attempt left, if the
/// server's file still is that one. wrong_digest after a second try; disk_full, denied of here; every refusal
/// of the server.
net::Task<Result<Fetched>> download_file(Connection& connection, std::string remote_path,
                                         const disk::Directory& directory, std::string name,
                                         ProgressSink& progress);

/// Writes one file to a descriptor as it comes (a pipe: nothing can be taken back). wrong_digest at the end
/// means that what was written is not to be trusted.
net::Task<Result<Fetched>> download_to(Connection& connection, std::string remote_path, int to,
                                       ProgressSink& progress);

}  // namespace sampan::client
