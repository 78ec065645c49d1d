#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "database/statement.h"

struct sqlite3;

namespace sampan::database {

/// One SQLite database file. One thread at a time; other connections, of this process or another, may have
/// it open too.
class Connection {
 public:
  /// Opens FILE, made with mode 0600 where it is missing, and the files beside it with the file's mode: WAL,
  /// synchronous FULL, foreign keys, waits 5 s for another writer. not_found where its directory is missing;
  /// denied, also for a symbolic link; io_error, busy.
  static Result<Connection> open(const std::string& file);

  /// How long a statement waits for another connection's lock before it is busy.
  void set_busy_timeout(std::chrono::milliseconds timeout);

  /// io_error with SQLite's words; a statement of ours that does not compile is a bug, and said so.
  Result<Statement> prepare(std::string_view sql);
  /// Statements without parameters and rows.
  Result<> execute(const char* sql);
  /// Rows that the last statement changed.
  std::int64_t changes() const;
  /// A number, not negative, that differs from the last one asked for here if another connection has
  /// committed since. Microseconds, from shared memory; means nothing to another connection.
  Result<std::int64_t> data_version();

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Connection(sqlite3* database) : database_(database) {}
  Result<> configure();
  Result<> use_wal();

  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace sampan::database
