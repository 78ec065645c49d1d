#pragma once

#include <string>

#include "base/unique_fd.h"
#include "client/connection.h"
#include "client/progress.h"
#include "disk/directory.h"

namespace sampan::client {

/// A local file that is open to be sent.
struct Source {
  UniqueFd fd;
  disk::FileInfo info;
};

/// Opens a regular file; a link is followed. not_found, denied, is_a_directory, not_a_file.
Result<Source> open_source(const std::string& path);
/// Everything that a stream without a size (standard input) still gives, in an unlinked file below $TMPDIR. disk_full, io_error.
Result<Source> spool(int from);

/// Sends one file and gives the server's receipt. Takes up what an earlier attempt left: the server names what it has, and only what is really equal here is
/// skipped. A file that is there already with the same size, time and digest is not sent again. Never more than two chunks are unacknowledged, which is all that a
/// cut can waste. changed: the source was not the same at the end as at the start; wrong_digest; and every refusal of the server.
net::Task<Result<wire::native::Receipt>> upload_file(Connection& connection, const Source& source, std::string remote_path,
                                                     ProgressSink& progress);

}  // namespace sampan::client
