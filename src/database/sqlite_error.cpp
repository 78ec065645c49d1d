#include "database/sqlite_error.h"

#include <sqlite3.h>

namespace sampan::database {
namespace {

Error constraint_error(int extended, std::string words) {
  switch (extended) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_UNIQUE:
      return ErrorCode::exists;
    default:
      return {ErrorCode::invalid, std::move(words)};
  }
}

}  // namespace

Error sqlite_error(sqlite3* database, int status) {
  const std::string words =
      std::string("database: ") + (database == nullptr ? sqlite3_errstr(status) : sqlite3_errmsg(database));
  switch (status & 0xff) {
    case SQLITE_CONSTRAINT:
      return constraint_error(database == nullptr ? status : sqlite3_extended_errcode(database), words);
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
      return {ErrorCode::invalid, words};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::busy, "the database is locked by another process"};
    case SQLITE_NOMEM:
      return {ErrorCode::busy, words};
    case SQLITE_FULL:
      return ErrorCode::disk_full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return {ErrorCode::denied, words};
    default:
      return {ErrorCode::io_error, words};
  }
}

}  // namespace sampan::database
