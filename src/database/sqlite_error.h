#pragma once

#include "base/error.h"

struct sqlite3;

namespace sampan::database {

/// The Error of a status other than SQLITE_OK, ROW and DONE that the last call on `database` gave; nullptr
/// where there is none. exists for a violated uniqueness, invalid for any other constraint and for a
/// parameter that does not fit; busy, disk_full, denied, io_error.
Error sqlite_error(sqlite3* database, int status);

}  // namespace sampan::database
