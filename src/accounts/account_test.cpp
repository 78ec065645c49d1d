#include "accounts/account.h"

#include <gtest/gtest.h>

namespace sampan::accounts {
namespace {

TEST(CheckName, TakesNamesOfPeopleAndRefusesPaths) {
  for (const std::string& name :
       {std::string("alice"), std::string("al"), std::string("张伟"), std::string("Zo\u00EB M\u00FCller"),
        std::string("a.b"), std::string("a-b"), std::string("a@b"), std::string("a\\b"), std::string("a,b=c"),
        std::string("名 字"), std::string(128, 'n')})
    EXPECT_TRUE(check_name(name)) << name;
  for (const std::string& name :
       {std::string(),          std::string("../x"),     std::string("a/b"),      std::string("/"),
        std::string("."),       std::string(".."),       std::string(".hidden"),  std::string("-x"),
        std::string(" a"),      std::string("a "),       std::string("a\nb"),     std::string("a\0b", 3),
        std::string("\0", 1),   std::string("\xC0\xAE"), std::string("\xFF"),     std::string("\xE5\xBC"),
        std::string(4096, 'n'), std::string(129, 'n'),   std::string("\x1b[31m"), std::string("a\x7f"),
        std::string("a\u202Eb")})
    EXPECT_EQ(check_name(name).error().code(), ErrorCode::invalid) << name;
}

// An account of such a name could be made, but nobody could ever log in to it.
TEST(CheckName, RefusesWhatALoginWouldSpellOtherwise) {
  for (const char* name :
       {"Zoe\u0308", "\uFF21lice", "\u2163", "a\u00ADb", "a\u3000b", "\u0627a", "\U0001F600"})
    EXPECT_EQ(check_name(name).error().code(), ErrorCode::invalid) << name;
  EXPECT_NE(check_name("\uFF21lice").error().message().find("\"Alice\""), std::string::npos);
}

TEST(Account, AQuotaLimitsTheEntriesWhereNothingElseDoes) {
  Account account;
  EXPECT_EQ(account.entry_limit(), std::nullopt);
  account.quota = 0;
  EXPECT_EQ(account.entry_limit(), 1024U);
  account.quota = 100U << 20;
  EXPECT_EQ(account.entry_limit(), 25'600U);
  account.max_files = 7;
  EXPECT_EQ(account.entry_limit(), 7U);
  account.quota = std::nullopt;
  EXPECT_EQ(account.entry_limit(), 7U);
}

}  // namespace
}  // namespace sampan::accounts
