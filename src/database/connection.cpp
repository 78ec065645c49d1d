#include "database/connection.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>

#include "base/system_error.h"
#include "base/unique_fd.h"

namespace sampan::database {
namespace {

constexpr int busy_wait_ms = 5000;

Error sqlite_error(sqlite3* database, int status) {
  const std::string words = database == nullptr ? sqlite3_errstr(status) : sqlite3_errmsg(database);
  switch (status & 0xff) {
    case SQLITE_CONSTRAINT:
      return ErrorCode::exists;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::busy, "the database is locked by another process"};
    case SQLITE_FULL:
      return ErrorCode::disk_full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return {ErrorCode::denied, "database: " + words};
    default:
      return {ErrorCode::io_error, "database: " + words};
  }
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}
void Connection::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Statement& Statement::bind(std::string_view text) {
  sqlite3_bind_text64(statement_.get(), next_++, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), next_++, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), next_++, value);
  return *this;
}

Statement& Statement::bind(std::optional<std::int64_t> value) {
  if (value) return bind(*value);
  sqlite3_bind_null(statement_.get(), next_++);
  return *this;
}

Result<bool> Statement::step() {
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

Result<Connection> Connection::open(const std::string& file) {
  // Made here, so that its mode is ours; SQLite gives the same mode to the files beside it.
  const UniqueFd made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made) return fail(system_error(errno, "open the database"));
  sqlite3* raw = nullptr;
  const int status =
      sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection connection(raw);
  if (status != SQLITE_OK) return fail(sqlite_error(raw, status));
  sqlite3_busy_timeout(raw, busy_wait_ms);
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"})
    if (auto set = connection.execute(pragma); !set) return fail(set.error());
  return connection;
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int status =
      sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (status != SQLITE_OK) return fail(sqlite_error(database_.get(), status));
  return Statement(database_.get(), statement);
}

Result<> Connection::execute(const char* sql) {
  const int status = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) return fail(sqlite_error(database_.get(), status));
  return {};
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(database_.get());
}

Result<> Connection::migrate(std::span<const char* const> steps) {
  auto transaction = Transaction::begin(*this);
  if (!transaction) return fail(transaction.error());
  std::int64_t version = 0;
  {
    auto query = prepare("PRAGMA user_version");
    if (!query) return fail(query.error());
    if (const auto row = query->step(); !row || !*row)
      return row ? fail(ErrorCode::io_error) : fail(row.error());
    version = query->integer(0);
  }
  const auto newest = static_cast<std::int64_t>(steps.size());
  if (version > newest)
    return fail(ErrorCode::unsupported,
                "the database is of a newer version of Sampan (" + std::to_string(version) + ")");
  if (version == newest) return transaction->commit();
  for (; version < newest; ++version)
    if (auto made = execute(steps[static_cast<std::size_t>(version)]); !made) return made;
  if (auto set = execute(("PRAGMA user_version=" + std::to_string(newest)).c_str()); !set) return set;
  return transaction->commit();
}

Result<Transaction> Transaction::begin(Connection& connection) {
  if (auto begun = connection.execute("BEGIN IMMEDIATE"); !begun) return fail(begun.error());
  return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
  if (connection_ != nullptr) (void)connection_->execute("ROLLBACK");
}

Result<> Transaction::commit() {
  if (auto committed = connection_->execute("COMMIT"); !committed) return committed;
  connection_ = nullptr;
  return {};
}

}  // namespace sampan::database
