#pragma once

#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "client/connection.h"
#include "disk/directory.h"
#include "wire/native/message.h"

namespace sampan::client {

/// A local file that is open to be sent, and what it was when it was opened.
struct Source {
  UniqueFd fd;
  disk::FileInfo info;
};

/// Opens a regular file; a link is followed. A file that was written to this very moment is looked at until
/// the clock has moved on, so that every later change shows. not_found, denied, is_a_directory, not_a_file.
Result<Source> open_source(const std::string& path);
/// Everything that a stream without a size (standard input) still gives, in an unlinked file below $TMPDIR.
/// disk_full, io_error.
Result<Source> spool(int from);

/// What has become of an open source.
enum class Still : std::uint8_t {
  same,     ///< nothing has happened to it
  touched,  ///< another mode, name or link; or other bytes under the old size and time
  changed,  ///< another size or time
};
Still look_again(const Source& source);

/// changed where the file no longer has the bytes with this digest that were sent. Reads it again only where
/// it was touched. Nothing may be outstanding on the connection.
net::Task<Result<>> check_unchanged(Connection& connection, const Source& source, const Digest& sent);
/// All bytes of a small file, as they were at one time. changed where they are not there any more.
Result<> read_whole(const Source& source, std::vector<std::byte>& bytes);
/// Takes [offset, offset + count) into `hasher`; keeps the session alive meanwhile, so nothing may be
/// outstanding on it. changed where the file ends before.
net::Task<Result<>> hash_range(Connection& connection, const Source& source, std::uint64_t offset,
                               std::uint64_t count, Hasher& hasher);

/// What the server is told of its permissions.
wire::native::Mode mode_of(const disk::FileInfo& info);
/// wrong_digest where the server's receipt is for other bytes than were sent.
Result<> check_receipt(const wire::native::Receipt& receipt, std::uint64_t size, const Digest& digest);

}  // namespace sampan::client
