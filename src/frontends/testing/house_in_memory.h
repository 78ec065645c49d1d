#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "accounts/login_throttle.h"
#include "accounts/testing/accounts_in_memory.h"
#include "frontends/native/native_frontend.h"
#include "login/scram.h"
#include "net/testing/memory_stream.h"
#include "storage/testing/homes_in_memory.h"

namespace sampan::frontends::testing {

/// A server without sockets, disk and database: the real frontend, the real TLS and the real homes' logic on
/// stores in memory, on one loop. alice has an account and a home.
class HouseInMemory {
 public:
  /// `limits` that tests of time want.
  explicit HouseInMemory(net::EventLoop& loop, const SessionLimits& limits = {});
  ~HouseInMemory();  ///< lets its sessions end

  /// A connection as a client has it when it has connected: TLS is still to come.
  std::unique_ptr<net::ByteStream> connect() { return connect({}); }
  std::unique_ptr<net::ByteStream> connect(const net::testing::Line& line);
  /// Lets the sessions whose clients have gone end too.
  void settle();

  NativeFrontend& frontend() { return frontend_; }
  accounts::testing::AccountsInMemory& accounts() { return accounts_; }
  storage::testing::HomesInMemory& homes() { return homes_; }
  storage::Home& home() { return **homes_.open("alice"); }
  storage::testing::FileStoreInMemory& store() { return homes_.store("alice"); }
  /// The throttle's.
  void advance_clock(std::chrono::seconds time) { now_ += time; }

  /// Another account, with alice's password; with its home, or without one.
  void add_user(const accounts::Account& account);
  void add_account(const accounts::Account& account);
  /// SHA-256 of its TLS key.
  const std::string& key_hash() const { return key_hash_; }

  /// alice's answer to a login, without the time that Argon2 takes.
  static login::ScramClient::SaltedPasswordOf right_password();
  static login::ScramClient::SaltedPasswordOf wrong_password();

 private:
  net::EventLoop& loop_;
  std::chrono::steady_clock::time_point now_;
  accounts::testing::AccountsInMemory accounts_;
  accounts::LoginThrottle logins_;
  storage::testing::HomesInMemory homes_;
  net::BlockingPool pool_{2};
  NativeFrontend frontend_;
  std::string key_hash_;
};

}  // namespace sampan::frontends::testing
