#pragma once

#include <optional>
#include <string>

#include "net/blocking_pool.h"
#include "net/buffered_reader.h"
#include "net/byte_stream.h"
#include "upload/inbox.h"
#include "upload/outgoing_file.h"

/// Headers and files over a connection. All of it throws StreamError for a lost peer.
namespace sampan::upload {

// ---- who receives ----

/// The next header's JSON, at most 64 KiB of it; nothing once the peer has ended in order. bad_request is
/// thrown for a length that is none: what follows it cannot be told apart any more.
net::Task<std::optional<std::string>> read_header(net::BufferedReader& reader);

/// All the bytes of a file, and not one of what follows them. disk_full, io_error: the rest, arrival.left()
/// bytes, is still to come.
net::Task<Result<>> receive(net::BufferedReader& reader, net::BlockingPool& pool, Arrival& arrival);

// ---- who sends ----

/// A header as it goes over, and the file. changed, io_error: then the connection has been reset, so that the
/// receiver cannot take half a file for a whole one.
net::Task<Result<>> send_file(net::ByteStream& stream, const std::string& header, OutgoingFile& file);

/// Ends our direction and waits for what the server makes of it. The formats have no answer, but its end of
/// the connection is one: in order, then it has taken everything (true); a reset throws; silence for two
/// seconds may mean anything (false).
net::Task<bool> is_taken(net::ByteStream& stream);

}  // namespace sampan::upload
