#pragma once

#include <optional>

#include "base/digest.h"
#include "disk/directory.h"

namespace sampan::storage {

/// The digest that is kept with a file, in the extended attribute user.sampan.digest, together with the size,
/// mtime and inode that it was computed for: once one of them differs it is not believed.

/// Nothing where there is none, the stamp differs, or the file system keeps no attributes.
std::optional<Digest> kept_digest(int fd, const disk::FileInfo& info);
/// Best effort: a file system without attributes, or a file that may not be written, only costs a later
/// computation.
void keep_digest(int fd, const disk::FileInfo& info, const Digest& digest);

/// Reads the whole file. changed where it is another one afterwards; io_error.
Result<Digest> compute_digest(int fd, const disk::FileInfo& info);

}  // namespace sampan::storage
