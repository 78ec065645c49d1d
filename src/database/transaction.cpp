#include "database/transaction.h"

#include <utility>

namespace sampan::database {

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
