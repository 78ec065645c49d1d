#include "database/statement.h"

#include <sqlite3.h>

#include "database/sqlite_error.h"

namespace sampan::database {
namespace {

// SQLite takes a null pointer for NULL, and an empty view may have one.
const char* start_of(std::string_view bytes) {
  return bytes.empty() ? "" : bytes.data();
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement& Statement::bound(int status) {
  if (status != SQLITE_OK && !not_bound_) not_bound_ = sqlite_error(database_, status);
  ++next_;
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  return bound(sqlite3_bind_text64(statement_.get(), next_, start_of(text), text.size(), SQLITE_TRANSIENT,
                                   SQLITE_UTF8));
}

Statement& Statement::bind_blob(std::string_view bytes) {
  return bound(sqlite3_bind_blob64(statement_.get(), next_, start_of(bytes), bytes.size(), SQLITE_TRANSIENT));
}

Statement& Statement::bind(std::int64_t value) {
  return bound(sqlite3_bind_int64(statement_.get(), next_, value));
}

Statement& Statement::bind(std::optional<std::int64_t> value) {
  return value ? bind(*value) : bound(sqlite3_bind_null(statement_.get(), next_));
}

Result<bool> Statement::step() {
  if (not_bound_) return fail(*not_bound_);
  const int status = sqlite3_step(statement_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  return fail(sqlite_error(database_, status));
}

Result<> Statement::run() {
  const auto stepped = step();
  return stepped ? Result<>() : fail(stepped.error());
}

std::string Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? std::string()
                          : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return integer(column);
}

}  // namespace sampan::database
