#pragma once

#include "base/result.h"
#include "database/connection.h"

namespace sampan::database {

/// All or nothing: rolled back unless committed. Writes from the first moment, so that it cannot fail half
/// way for another writer's sake. Refers to its connection, which must stay where it is.
class Transaction {
 public:
  /// busy where another connection writes for longer than the busy timeout; disk_full, io_error.
  static Result<Transaction> begin(Connection& connection);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// On the disk once it returns; where it fails, rolled back with this object. disk_full, io_error.
  Result<> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace sampan::database
