#pragma once

#include <string>

#include "client/connection.h"
#include "client/progress.h"
#include "client/source.h"

namespace sampan::client {

/// Sends one file and gives the server's receipt, which is for the bytes that were read here. Takes up what
/// an earlier attempt left: the server names what it has, and only what is really equal here is skipped. A
/// file that is there already with the same size, time and digest is not sent again. What is
/// unacknowledged, Connection::pieces_in_flight() at most, is all that a cut can waste. changed: the source
/// was not the same at the end as at the start, and nothing of it is kept; wrong_digest; and every refusal of
/// the server.
net::Task<Result<wire::native::Receipt>> upload_file(Connection& connection, const Source& source,
                                                     std::string remote_path, ProgressSink& progress);

}  // namespace sampan::client
