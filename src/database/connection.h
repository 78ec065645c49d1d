#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sampan::database {

/// A prepared statement while it runs: bind in order, then step through its rows. Refers to its connection.
class Statement {
 public:
  Statement& bind(std::string_view text);
  Statement& bind_blob(std::string_view bytes);
  Statement& bind(std::int64_t value);
  Statement& bind(std::optional<std::int64_t> value);

  /// True while there is a row. exists where a uniqueness is violated; busy, disk_full, io_error.
  Result<bool> step();
  /// For statements without rows.
  Result<> run();

  // Of the row at hand; columns from 0.
  std::string text(int column) const;  ///< also a blob's bytes
  std::int64_t integer(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(sqlite3* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int next_ = 1;
};

/// One SQLite database file. One thread at a time; other processes may have it open too.
class Connection {
 public:
  /// Opens FILE, made with mode 0600 where it is missing: WAL, synchronous FULL, waits 5 s for another
  /// writer. denied, io_error.
  static Result<Connection> open(const std::string& file);

  /// io_error with SQLite's words; a statement of ours that does not compile is a bug, and said so.
  Result<Statement> prepare(std::string_view sql);
  /// Statements without parameters and rows.
  Result<> execute(const char* sql);
  /// Changes that the last statement made.
  std::int64_t changes() const;
  /// Brings the schema up to date: step i makes version i + 1 out of version i, each in a transaction.
  /// unsupported where the file is newer.
  Result<> migrate(std::span<const char* const> steps);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Connection(sqlite3* database) : database_(database) {}
  std::unique_ptr<sqlite3, Close> database_;
};

/// All or nothing: rolled back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace sampan::database
