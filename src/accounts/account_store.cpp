#include "accounts/account_store.h"

#include <array>
#include <chrono>
#include <limits>
#include <mutex>

#include "base/random.h"
#include "database/connection.h"
#include "database/migrations.h"
#include "database/transaction.h"

namespace sampan::accounts {
namespace {

using database::Connection;
using database::Statement;
using database::Transaction;

constexpr std::size_t secret_size = 32;

// server.revision counts the changes; a credential_version is the revision that gave the password, so that no
// two passwords have ever had the same.
constexpr std::array migrations = {
    "CREATE TABLE accounts("
    "  name TEXT NOT NULL PRIMARY KEY, quota BIGINT, max_files BIGINT, enabled BIGINT NOT NULL,"
    "  credential_version BIGINT NOT NULL, salt BYTEA NOT NULL, kdf_memory_kib BIGINT NOT NULL,"
    "  kdf_passes BIGINT NOT NULL, kdf_lanes BIGINT NOT NULL, stored_key BYTEA NOT NULL,"
    "  server_key BYTEA NOT NULL);"
    "CREATE TABLE server(id BIGINT NOT NULL PRIMARY KEY, secret BYTEA NOT NULL, revision BIGINT NOT NULL);"};

constexpr std::string_view account_columns = "name, quota, max_files, enabled, credential_version";

std::optional<std::uint64_t> as_limit(std::optional<std::int64_t> value) {
  return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}
std::optional<std::int64_t> as_column(const std::optional<std::uint64_t>& limit) {
  return limit ? std::optional(static_cast<std::int64_t>(*limit)) : std::nullopt;
}

Account account_of(const Statement& row) {
  Account account;
  account.name = row.text(0);
  account.quota = as_limit(row.optional_integer(1));
  account.max_files = as_limit(row.optional_integer(2));
  account.enabled = row.integer(3) != 0;
  account.credential_version = row.integer(4);
  return account;
}

Result<> check_limits(const Account& account) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  for (const auto& limit : {account.quota, account.max_files})
    if (limit && *limit > most) return fail(ErrorCode::invalid, "a limit beyond 2^63-1");
  return {};
}

void bind_credential(Statement& statement, const login::Credential& credential) {
  statement.bind_blob(credential.salt)
      .bind(std::int64_t{credential.kdf.memory_kib})
      .bind(std::int64_t{credential.kdf.passes})
      .bind(std::int64_t{credential.kdf.lanes})
      .bind_blob(credential.stored_key)
      .bind_blob(credential.server_key);
}

// Empty where the file is new.
Result<std::string> read_secret(Connection& connection) {
  auto query = connection.prepare("SELECT secret FROM server WHERE id = 1");
  if (!query) return fail(query.error());
  const auto row = query->step();
  if (!row) return fail(row.error());
  std::string secret = *row ? query->text(0) : std::string();
  if (*row && secret.size() != secret_size)
    return fail(ErrorCode::io_error, "the database is damaged: its secret has another length");
  return secret;
}

// Made by whoever opens the file first.
Result<std::string> server_secret_of(Connection& connection) {
  auto secret = read_secret(connection);
  if (!secret || !secret->empty()) return secret;
  secret->resize(secret_size);
  fill_random(std::as_writable_bytes(std::span(*secret)));
  auto insert =
      connection.prepare("INSERT INTO server(id, secret, revision) VALUES(1, ?, 1) ON CONFLICT DO NOTHING");
  if (!insert) return fail(insert.error());
  if (auto run = insert->bind_blob(*secret).run(); !run) return fail(run.error());
  return read_secret(connection);
}

// Two connections: a change holds its own until it is on the disk, which no glance at the revision waits for.
struct Connections {
  Connection accounts;
  Connection watch;
};

Result<Connections> open_connections(const std::string& file) {
  auto accounts = Connection::open(file);
  if (!accounts) return fail(accounts.error());
  if (auto migrated = database::migrate(*accounts, migrations); !migrated) return fail(migrated.error());
  auto watch = Connection::open(file);
  if (!watch) return fail(watch.error());
  watch->set_busy_timeout(std::chrono::milliseconds(0));
  return Connections{std::move(*accounts), std::move(*watch)};
}

}  // namespace

struct AccountStore::State {
  State(Connections opened, std::string server_secret)
      : secret(std::move(server_secret)),
        connection(std::move(opened.accounts)),
        watch(std::move(opened.watch)) {}

  const std::string secret;

  std::mutex mutex;
  Connection connection;  // guarded by mutex

  std::mutex watch_mutex;
  Connection watch;              // guarded by watch_mutex
  std::int64_t blind_looks = 0;  // guarded by watch_mutex

  // One change under a revision of its own. not_found where no row was touched.
  template <class Bind>
  Result<> change(const char* sql, Bind bind) {
    const std::lock_guard lock(mutex);
    auto transaction = Transaction::begin(connection);
    if (!transaction) return fail(transaction.error());
    if (auto next = connection.execute("UPDATE server SET revision = revision + 1 WHERE id = 1"); !next)
      return next;
    auto statement = connection.prepare(sql);
    if (!statement) return fail(statement.error());
    bind(*statement);
    if (auto run = statement->run(); !run) return run;
    if (connection.changes() == 0) return fail(ErrorCode::not_found, "no such user");
    return transaction->commit();
  }
};

AccountStore::AccountStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
AccountStore::AccountStore(AccountStore&&) noexcept = default;
AccountStore& AccountStore::operator=(AccountStore&&) noexcept = default;
AccountStore::~AccountStore() = default;

Result<AccountStore> AccountStore::open(const std::string& file) {
  auto connections = open_connections(file);
  if (!connections) return fail(connections.error());
  auto secret = server_secret_of(connections->accounts);
  if (!secret) return fail(secret.error());
  return AccountStore(std::make_unique<State>(std::move(*connections), std::move(*secret)));
}

Result<> AccountStore::add(const Account& account, const login::Credential& credential) {
  if (auto sound = check_name(account.name); !sound) return sound;
  if (auto sound = check_limits(account); !sound) return sound;
  auto added = state_->change(
      "INSERT INTO accounts(name, quota, max_files, enabled, salt, kdf_memory_kib, kdf_passes, kdf_lanes,"
      " stored_key, server_key, credential_version)"
      " VALUES(?,?,?,?,?,?,?,?,?,?,(SELECT revision FROM server WHERE id = 1))",
      [&](Statement& statement) {
        statement.bind(account.name).bind(as_column(account.quota)).bind(as_column(account.max_files));
        statement.bind(std::int64_t{account.enabled});
        bind_credential(statement, credential);
      });
  if (!added && added.error().code() == ErrorCode::exists)
    return fail(ErrorCode::exists, "a user of that name");
  return added;
}

Result<> AccountStore::update(const Account& account) {
  if (auto sound = check_limits(account); !sound) return sound;
  return state_->change("UPDATE accounts SET quota = ?, max_files = ?, enabled = ? WHERE name = ?",
                        [&](Statement& statement) {
                          statement.bind(as_column(account.quota)).bind(as_column(account.max_files));
                          statement.bind(std::int64_t{account.enabled}).bind(account.name);
                        });
}

Result<> AccountStore::set_credential(std::string_view name, const login::Credential& credential) {
  return state_->change(
      "UPDATE accounts SET salt = ?, kdf_memory_kib = ?, kdf_passes = ?, kdf_lanes = ?, stored_key = ?,"
      " server_key = ?, credential_version = (SELECT revision FROM server WHERE id = 1) WHERE name = ?",
      [&](Statement& statement) {
        bind_credential(statement, credential);
        statement.bind(name);
      });
}

Result<> AccountStore::remove(std::string_view name) {
  return state_->change("DELETE FROM accounts WHERE name = ?",
                        [&](Statement& statement) { statement.bind(name); });
}

Result<Account> AccountStore::find(std::string_view name) const {
  const std::lock_guard lock(state_->mutex);
  auto query =
      state_->connection.prepare("SELECT " + std::string(account_columns) + " FROM accounts WHERE name = ?");
  if (!query) return fail(query.error());
  const auto row = query->bind(name).step();
  if (!row) return fail(row.error());
  if (!*row) return fail(ErrorCode::not_found, "no such user");
  return account_of(*query);
}

Result<std::vector<Account>> AccountStore::list() const {
  const std::lock_guard lock(state_->mutex);
  auto query =
      state_->connection.prepare("SELECT " + std::string(account_columns) + " FROM accounts ORDER BY name");
  if (!query) return fail(query.error());
  std::vector<Account> accounts;
  for (;;) {
    const auto row = query->step();
    if (!row) return fail(row.error());
    if (!*row) return accounts;
    accounts.push_back(account_of(*query));
  }
}

Result<std::optional<login::Credential>> AccountStore::credential(std::string_view name) const {
  const std::lock_guard lock(state_->mutex);
  auto query = state_->connection.prepare(
      "SELECT salt, kdf_memory_kib, kdf_passes, kdf_lanes, stored_key, server_key FROM accounts"
      " WHERE name = ? AND enabled <> 0");
  if (!query) return fail(query.error());
  const auto row = query->bind(name).step();
  if (!row) return fail(row.error());
  if (!*row) return std::nullopt;
  login::Credential credential;
  credential.salt = query->text(0);
  credential.kdf.memory_kib = static_cast<std::uint32_t>(query->integer(1));
  credential.kdf.passes = static_cast<std::uint32_t>(query->integer(2));
  credential.kdf.lanes = static_cast<std::uint32_t>(query->integer(3));
  credential.stored_key = query->text(4);
  credential.server_key = query->text(5);
  return credential;
}

std::int64_t AccountStore::revision() const {
  const std::lock_guard lock(state_->watch_mutex);
  const auto version = state_->watch.data_version();
  // What cannot be seen may have changed: a number that no look before has given. find() says what is wrong.
  return version ? *version : --state_->blind_looks;
}

const std::string& AccountStore::server_secret() const {
  return state_->secret;
}

}  // namespace sampan::accounts
