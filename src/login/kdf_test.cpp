#include "login/kdf.h"

#include <gtest/gtest.h>

#include "login/credential.h"

namespace sampan::login {
namespace {

TEST(Kdf, FloorAndCeiling) {
  EXPECT_TRUE(check({}));
  EXPECT_FALSE(check({.memory_kib = 8, .passes = 1, .lanes = 1}));
  EXPECT_FALSE(check({.memory_kib = 19'456, .passes = 1, .lanes = 1}));
  EXPECT_FALSE(check({.memory_kib = 4'000'000, .passes = 2, .lanes = 1}));
  EXPECT_FALSE(check({.memory_kib = 19'456, .passes = 2, .lanes = 0}));
}

TEST(Kdf, EqualPasswordsGiveDifferentCredentials) {
  const auto a = make_credential(Secret("secret"));
  const auto b = make_credential(Secret("secret"));
  ASSERT_TRUE(a && b);
  EXPECT_GE(a->salt.size(), 16U);
  EXPECT_NE(a->salt, b->salt);
  EXPECT_NE(a->stored_key, b->stored_key);
  EXPECT_NE(a->server_key, a->stored_key);
}

TEST(Kdf, PasswordsOfAllKindsAndNotOfSome) {
  for (const std::string& password :
       {std::string("密码 with spaces"), std::string(256, 'p'), std::string("\xFF\xFE")})
    EXPECT_TRUE(make_credential(Secret(password)));
  for (const std::string& password : {std::string(), std::string(1025, 'p'), std::string("a\0b", 3)})
    EXPECT_EQ(make_credential(Secret(password)).error().code(), ErrorCode::invalid);
}

TEST(Credential, DecoysAreStableAndDifferByNameAndSecret) {
  const Credential decoy = decoy_credential("bob", "secret");
  EXPECT_EQ(decoy.salt.size(), 16U);
  EXPECT_EQ(decoy.salt, decoy_credential("bob", "secret").salt);
  EXPECT_NE(decoy.salt, decoy_credential("bobby", "secret").salt);
  EXPECT_NE(decoy.salt, decoy_credential("bob", "other").salt);
}

}  // namespace
}  // namespace sampan::login
