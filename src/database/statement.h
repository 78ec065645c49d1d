#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sampan::database {

/// A prepared statement while it runs: bind in order, then step through its rows. Refers to its connection.
class Statement {
 public:
  /// A parameter that could not be bound makes step() fail: no statement runs with less than it was given.
  Statement& bind(std::string_view text);
  Statement& bind_blob(std::string_view bytes);
  Statement& bind(std::int64_t value);
  Statement& bind(std::optional<std::int64_t> value);

  /// True while there is a row. exists where a uniqueness is violated; invalid for another constraint or a
  /// parameter; busy, disk_full, denied, io_error.
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
  Statement& bound(int status);

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int next_ = 1;
  std::optional<Error> not_bound_;
};

}  // namespace sampan::database
