#include "database/migrations.h"

#include <cstdint>
#include <string>

#include "database/transaction.h"

namespace sampan::database {
namespace {

// How many of the steps the file has behind it.
Result<std::size_t> steps_taken(Connection& connection, std::size_t known) {
  auto query = connection.prepare("PRAGMA user_version");
  if (!query) return fail(query.error());
  if (const auto row = query->step(); !row) return fail(row.error());
  const std::int64_t version = query->integer(0);
  if (version < 0) return fail(ErrorCode::io_error, "the database is not one of Sampan's");
  const auto taken = static_cast<std::size_t>(version);
  if (taken > known)
    return fail(ErrorCode::unsupported, "the database was made by a newer Sampan (its version is " +
                                            std::to_string(taken) + ", this one knows " +
                                            std::to_string(known) + "): run the newer one");
  return taken;
}

}  // namespace

Result<> migrate(Connection& connection, std::span<const char* const> steps) {
  const auto before = steps_taken(connection, steps.size());
  if (!before) return fail(before.error());
  if (*before == steps.size()) return {};
  auto transaction = Transaction::begin(connection);
  if (!transaction) return fail(transaction.error());
  // Asked again: another process may have been first.
  const auto taken = steps_taken(connection, steps.size());
  if (!taken) return fail(taken.error());
  for (const char* step : steps.subspan(*taken))
    if (auto made = connection.execute(step); !made) return made;
  const std::string mark = "PRAGMA user_version=" + std::to_string(steps.size());
  if (auto marked = connection.execute(mark.c_str()); !marked) return marked;
  return transaction->commit();
}

}  // namespace sampan::database
