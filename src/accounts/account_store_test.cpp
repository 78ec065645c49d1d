#include "accounts/account_store.h"

#include <limits>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing/temporary_directory.h"
#include "database/connection.h"
#include "database/transaction.h"

namespace sampan::accounts {
namespace {

class AccountStoreTest : public ::testing::Test {
 protected:
  static login::Credential credential(char filler) {
    return {std::string(16, filler), {}, std::string(32, filler), std::string(32, filler)};
  }
  static Account account(const std::string& name) {
    Account made;
    made.name = name;
    return made;
  }
  testing::TemporaryDirectory temporary_;
  std::string file_ = temporary_.path() + "/accounts.db";
  AccountStore store_ = AccountStore::open(file_).value();
};

TEST_F(AccountStoreTest, KeepsAccountsAndTheirLimits) {
  Account alice = account("alice");
  alice.quota = 10U << 20;
  ASSERT_TRUE(store_.add(alice, credential('a')));
  ASSERT_TRUE(store_.add(account("al"), credential('b')));
  EXPECT_EQ(store_.find("alice")->quota, 10U << 20);
  EXPECT_EQ(store_.find("alice")->max_files, std::nullopt);
  alice.quota = std::nullopt;
  alice.max_files = 5;
  ASSERT_TRUE(store_.update(alice));
  EXPECT_EQ(store_.find("alice")->quota, std::nullopt);
  EXPECT_EQ(store_.find("alice")->max_files, 5U);
  EXPECT_EQ(store_.find("al")->max_files, std::nullopt);
  const AccountStore again = AccountStore::open(file_).value();
  EXPECT_EQ(again.find("alice").value(), store_.find("alice").value());
}

TEST_F(AccountStoreTest, ListsByNameInByteOrder) {
  for (const char* name : {"张伟", "b", "a b", "B"}) ASSERT_TRUE(store_.add(account(name), credential('a')));
  std::vector<std::string> names;
  const auto accounts = store_.list().value();
  for (const Account& each : accounts) names.push_back(each.name);
  EXPECT_EQ(names, (std::vector<std::string>{"B", "a b", "b", "张伟"}));
}

TEST_F(AccountStoreTest, SaysWhyNot) {
  ASSERT_TRUE(store_.add(account("alice"), credential('a')));
  EXPECT_EQ(store_.add(account("alice"), credential('b')).error().code(), ErrorCode::exists);
  EXPECT_EQ((*store_.credential("alice"))->stored_key, std::string(32, 'a'));
  EXPECT_EQ(store_.add(account("../x"), credential('a')).error().code(), ErrorCode::invalid);
  ASSERT_TRUE(store_.remove("alice"));
  EXPECT_EQ(store_.find("alice").error().code(), ErrorCode::not_found);
  EXPECT_EQ(store_.remove("alice").error().code(), ErrorCode::not_found);
  EXPECT_EQ(store_.update(account("alice")).error().code(), ErrorCode::not_found);
  EXPECT_EQ(store_.set_credential("alice", credential('a')).error().code(), ErrorCode::not_found);
  EXPECT_EQ(store_.find("").error().code(), ErrorCode::not_found);
}

TEST_F(AccountStoreTest, TakesLimitsUpToWhatTheDatabaseHolds) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  Account alice = account("alice");
  alice.quota = most;
  ASSERT_TRUE(store_.add(alice, credential('a')));
  EXPECT_EQ(store_.find("alice")->quota, most);
  alice.quota = most + 1;
  EXPECT_EQ(store_.update(alice).error().code(), ErrorCode::invalid);
  Account bob = account("bob");
  bob.max_files = most + 1;
  EXPECT_EQ(store_.add(bob, credential('a')).error().code(), ErrorCode::invalid);
}

TEST_F(AccountStoreTest, GivesTheCredentialOfEnabledAccountsAlone) {
  Account alice = account("alice");
  ASSERT_TRUE(store_.add(alice, credential('a')));
  EXPECT_EQ((*store_.credential("alice"))->stored_key, std::string(32, 'a'));
  EXPECT_FALSE(store_.credential("nobody").value());
  alice.enabled = false;
  ASSERT_TRUE(store_.update(alice));
  EXPECT_FALSE(store_.credential("alice").value());
  EXPECT_FALSE(store_.find("alice")->enabled);
}

TEST_F(AccountStoreTest, GivesBackTheWholeCredential) {
  const login::Credential odd{std::string("\0salt of 16 byte", 16),
                              {.memory_kib = 65'536, .passes = 3, .lanes = 4},
                              std::string("\0\xFF", 2),
                              std::string(32, '\0')};
  ASSERT_TRUE(store_.add(account("alice"), odd));
  const login::Credential back = store_.credential("alice").value().value();
  EXPECT_EQ(back.salt, odd.salt);
  EXPECT_EQ(back.kdf, odd.kdf);
  EXPECT_EQ(back.stored_key, odd.stored_key);
  EXPECT_EQ(back.server_key, odd.server_key);
}

TEST_F(AccountStoreTest, NoTwoPasswordsShareAVersion) {
  const auto version = [&] { return store_.find("alice")->credential_version; };
  ASSERT_TRUE(store_.add(account("alice"), credential('a')));
  const auto first = version();
  ASSERT_TRUE(store_.update(account("alice")));
  EXPECT_EQ(version(), first);
  ASSERT_TRUE(store_.set_credential("alice", credential('z')));
  EXPECT_EQ((*store_.credential("alice"))->stored_key, std::string(32, 'z'));
  const auto second = version();
  EXPECT_GT(second, first);
  // Another person of the same name, while a session of the first one is still open.
  ASSERT_TRUE(store_.remove("alice"));
  ASSERT_TRUE(store_.add(account("alice"), credential('a')));
  EXPECT_GT(version(), second);
}

TEST_F(AccountStoreTest, EveryStoreSeesEveryChange) {
  AccountStore other = AccountStore::open(file_).value();
  EXPECT_EQ(other.server_secret(), store_.server_secret());
  EXPECT_EQ(other.server_secret().size(), 32U);
  for (const AccountStore* watcher : {&other, &store_}) {
    std::int64_t seen = watcher->revision();
    const auto changed = [&] { return std::exchange(seen, watcher->revision()) != seen; };
    EXPECT_FALSE(changed());
    ASSERT_TRUE(store_.add(account("alice"), credential('a')));
    EXPECT_TRUE(changed());
    EXPECT_TRUE(watcher->find("alice"));
    ASSERT_TRUE(store_.set_credential("alice", credential('b')));
    EXPECT_TRUE(changed());
    ASSERT_TRUE(store_.update(account("alice")));
    EXPECT_TRUE(changed());
    EXPECT_FALSE(store_.update(account("nobody")));
    EXPECT_FALSE(changed());
    ASSERT_TRUE(store_.remove("alice"));
    EXPECT_TRUE(changed());
    EXPECT_FALSE(changed());
  }
}

TEST_F(AccountStoreTest, TheRevisionWaitsForNobody) {
  auto elsewhere = database::Connection::open(file_).value();
  auto writing = database::Transaction::begin(elsewhere);
  ASSERT_TRUE(writing);
  // Now this store's own change waits for the other writer, and must not make the revision wait with it.
  std::jthread change([&] { EXPECT_TRUE(store_.add(account("alice"), credential('a'))); });
  const std::int64_t before = store_.revision();
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  int looks = 0;
  for (; std::chrono::steady_clock::now() < until; ++looks) ASSERT_EQ(store_.revision(), before);
  EXPECT_GT(looks, 100);
  ASSERT_TRUE(writing->commit());
}

TEST_F(AccountStoreTest, IsItsOwnersAlone) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((file_ + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << suffix;
  }
}

TEST_F(AccountStoreTest, RefusesTheFileOfANewerVersion) {
  ASSERT_TRUE(database::Connection::open(file_)->execute("PRAGMA user_version=99"));
  const auto newer = AccountStore::open(file_);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code(), ErrorCode::unsupported);
  EXPECT_NE(newer.error().message().find("newer Sampan"), std::string::npos) << newer.error().message();
}

TEST_F(AccountStoreTest, RefusesWhatIsNoDatabase) {
  const std::string file = temporary_.path() + "/noise.db";
  FILE* noise = std::fopen(file.c_str(), "w");
  ASSERT_NE(noise, nullptr);
  std::fputs(std::string(8192, 'x').c_str(), noise);
  std::fclose(noise);
  EXPECT_EQ(AccountStore::open(file).error().code(), ErrorCode::io_error);
}

TEST_F(AccountStoreTest, ServesManyThreads) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([this, i] {
      const std::string name = "user" + std::to_string(i);
      EXPECT_TRUE(store_.add(account(name), credential('a')));
      for (int k = 0; k < 20; ++k) {
        EXPECT_TRUE(store_.find(name));
        EXPECT_TRUE(store_.credential(name).value());
        EXPECT_GE(store_.revision(), 0);
      }
      EXPECT_TRUE(store_.set_credential(name, credential('b')));
    });
  threads.clear();
  EXPECT_EQ(store_.list()->size(), 8U);
}

TEST_F(AccountStoreTest, CanBeMadeByManyAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const std::string file = temporary_.path() + "/new" + std::to_string(round);
    std::array<std::string, 4> secrets;
    {
      std::vector<std::jthread> threads;
      for (std::string& secret : secrets)
        threads.emplace_back([&] {
          const auto opened = AccountStore::open(file);
          ASSERT_TRUE(opened) << opened.error().message();
          secret = opened->server_secret();
        });
    }
    for (const std::string& secret : secrets) EXPECT_EQ(secret, secrets[0]);
  }
}

}  // namespace
}  // namespace sampan::accounts
