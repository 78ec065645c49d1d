#include "accounts/account_store.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing/temporary_directory.h"

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
  AccountStore store_ = *AccountStore::open(file_);
};

TEST_F(AccountStoreTest, KeepsAccountsAndTheirLimits) {
  Account alice = account("alice");
  alice.quota = 10U << 20;
  ASSERT_TRUE(store_.add(alice, credential('a')));
  ASSERT_TRUE(store_.add(account("al"), credential('b')));
  EXPECT_EQ(store_.add(alice, credential('a')).error().code(), ErrorCode::exists);
  EXPECT_EQ(store_.find("alice")->quota, 10U << 20);
  EXPECT_EQ(store_.find("alice")->max_files, std::nullopt);
  EXPECT_EQ(store_.list()->size(), 2U);
  EXPECT_EQ(store_.list()->front().name, "al");
  alice.quota = std::nullopt;
  alice.max_files = 5;
  ASSERT_TRUE(store_.update(alice));
  EXPECT_EQ(store_.find("alice")->quota, std::nullopt);
  EXPECT_EQ(store_.find("alice")->max_files, 5U);
  ASSERT_TRUE(store_.remove("alice"));
  EXPECT_EQ(store_.find("alice").error().code(), ErrorCode::not_found);
  EXPECT_EQ(store_.remove("alice").error().code(), ErrorCode::not_found);
  EXPECT_EQ(store_.update(alice).error().code(), ErrorCode::not_found);
}

TEST_F(AccountStoreTest, GivesTheCredentialOfEnabledAccountsAlone) {
  Account alice = account("alice");
  ASSERT_TRUE(store_.add(alice, credential('a')));
  EXPECT_EQ((*store_.credential("alice"))->stored_key, std::string(32, 'a'));
  EXPECT_EQ(*store_.credential("nobody"), std::nullopt);
  const auto before = store_.find("alice")->credential_version;
  ASSERT_TRUE(store_.set_credential("alice", credential('z')));
  EXPECT_NE(store_.find("alice")->credential_version, before);
  EXPECT_EQ((*store_.credential("alice"))->stored_key, std::string(32, 'z'));
  alice.enabled = false;
  ASSERT_TRUE(store_.update(alice));
  EXPECT_EQ(*store_.credential("alice"), std::nullopt);
}

TEST_F(AccountStoreTest, AnotherProcessSeesEveryChange) {
  AccountStore other = *AccountStore::open(file_);
  EXPECT_EQ(other.server_secret(), store_.server_secret());
  std::int64_t seen = other.revision();
  const auto changed = [&] { return std::exchange(seen, other.revision()) != other.revision(); };
  EXPECT_FALSE(changed());
  ASSERT_TRUE(store_.add(account("alice"), credential('a')));
  EXPECT_TRUE(changed());
  ASSERT_TRUE(store_.set_credential("alice", credential('b')));
  EXPECT_TRUE(changed());
  ASSERT_TRUE(store_.remove("alice"));
  EXPECT_TRUE(changed());
  EXPECT_FALSE(changed());
}

TEST_F(AccountStoreTest, IsItsOwnersAlone) {
  for (const char* suffix : {"", "-wal"}) {
    struct stat status {};
    ASSERT_EQ(::stat((file_ + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << suffix;
  }
}

TEST_F(AccountStoreTest, ServesManyThreads) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([this, i] {
      const std::string name = "user" + std::to_string(i);
      EXPECT_TRUE(store_.add(account(name), credential('a')));
      for (int k = 0; k < 20; ++k) EXPECT_TRUE(store_.find(name));
      (void)store_.revision();
    });
  threads.clear();
  EXPECT_EQ(store_.list()->size(), 8U);
}

TEST(CheckName, TakesNamesOfPeopleAndRefusesPaths) {
  for (const char* name : {"alice", "al", "张伟", "Zoë Müller", "a.b", "a-b", "a@b"})
    EXPECT_TRUE(check_name(name)) << name;
  for (const std::string& name :
       {std::string(), std::string("../x"), std::string("a/b"), std::string("."), std::string(".."),
        std::string(".hidden"), std::string("-x"), std::string(" a"), std::string("a "), std::string("a\nb"),
        std::string("a\0b", 3), std::string("\xC0\xAE"), std::string(4096, 'n'), std::string(129, 'n'),
        std::string("\x1b[31m")})
    EXPECT_EQ(check_name(name).error().code(), ErrorCode::invalid) << name;
}

}  // namespace
}  // namespace sampan::accounts
