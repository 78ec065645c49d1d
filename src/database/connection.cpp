#include "database/connection.h"

#include <cerrno>
#include <thread>

#include <sqlite3.h>
#include <sys/stat.h>

#include "base/system_error.h"
#include "database/sqlite_error.h"

namespace sampan::database {
namespace {

constexpr std::chrono::milliseconds busy_timeout{5'000};

// The file is made here, so that its mode is ours; SQLite gives the same mode to the files beside it. By
// mknod, because no descriptor of the file may ever be opened and closed beside SQLite's own: that drops
// every POSIX lock that this process holds on the file, and another process then deletes the WAL under us
// (sqlite.org/howtocorrupt.html, section 2.2).
Result<> make_private_file(const std::string& file) {
  if (::mknod(file.c_str(), S_IFREG | 0600, 0) != 0 && errno != EEXIST)
    return fail(system_error(errno, "make the database"));
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) return fail(system_error(errno, "open the database"));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::denied, "the database is not a plain file");
  return {};
}

}  // namespace

void Connection::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Result<Connection> Connection::open(const std::string& file) {
  if (auto made = make_private_file(file); !made) return fail(made.error());
  sqlite3* raw = nullptr;
  const int status =
      sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection connection(raw);
  if (status != SQLITE_OK) return fail(sqlite_error(raw, status));
  if (auto configured = connection.configure(); !configured) return fail(configured.error());
  return connection;
}

Result<> Connection::use_wal() {
  auto journal = prepare("PRAGMA journal_mode=WAL");
  if (!journal) return fail(journal.error());
  const auto row = journal->step();
  if (!row) return fail(row.error());
  if (!*row || journal->text(0) != "wal")
    return fail(ErrorCode::io_error, "the database must be on a local disk: no WAL here");
  return {};
}

Result<> Connection::configure() {
  set_busy_timeout(busy_timeout);
  // While several open a new file at once, each of them asks for the change to WAL, which SQLite refuses
  // without waiting (it does not call the busy handler there): so the waiting is done here.
  const auto end = std::chrono::steady_clock::now() + busy_timeout;
  auto wal = use_wal();
  while (!wal && wal.error().code() == ErrorCode::busy && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    wal = use_wal();
  }
  if (!wal) return wal;
  if (auto set = execute("PRAGMA synchronous=FULL"); !set) return set;
  return execute("PRAGMA foreign_keys=ON");
}

void Connection::set_busy_timeout(std::chrono::milliseconds timeout) {
  sqlite3_busy_timeout(database_.get(), static_cast<int>(timeout.count()));
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

Result<std::int64_t> Connection::data_version() {
  auto query = prepare("PRAGMA data_version");
  if (!query) return fail(query.error());
  const auto row = query->step();
  if (!row) return fail(row.error());
  return query->integer(0);
}

}  // namespace sampan::database
