#pragma once

#include <span>

#include "base/result.h"
#include "database/connection.h"

namespace sampan::database {

/// Brings the schema up to date: step i makes version i + 1 out of version i. All missing steps are one
/// transaction; a schema that is up to date is only read. unsupported where the file is newer than the
/// steps; io_error, busy, disk_full.
Result<> migrate(Connection& connection, std::span<const char* const> steps);

}  // namespace sampan::database
