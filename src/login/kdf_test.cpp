#include "login/kdf.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "login/credential.h"

namespace sampan::login {
namespace {

TEST(Kdf, FloorAndCeiling) {
  EXPECT_TRUE(check({}));
  EXPECT_FALSE(check({.memory_kib = 8, .passes = 1, .lanes = 1}));
  EXPECT_FALSE(check({.memory_kib = 19'456, .passes = 1, .lanes = 1}));
  EXPECT_FALSE(check({.memory_kib = 4'000'000, .passes = 2, .lanes = 1}));
  EXPECT_FALSE(check({.memory_kib = 19'456, .passes = 2, .lanes = 0}));
  EXPECT_TRUE(check({.memory_kib = 1'048'576, .passes = 64, .lanes = 16}));
  EXPECT_FALSE(check({.memory_kib = 1'048'577, .passes = 2, .lanes = 1}));
  EXPECT_FALSE(check({.memory_kib = 19'456, .passes = 65, .lanes = 1}));
  EXPECT_FALSE(check({.memory_kib = 19'456, .passes = 2, .lanes = 17}));
}

TEST(Kdf, IsArgon2idOfVersion13AndStaysSo) {
  // As the command line of the reference implementation says it, and every stored credential relies on:
  // printf password | argon2 0123456789abcdef -id -k 19456 -t 2 -p 1 -l 32 -r
  const auto hash = salted_password(Secret("password"), "0123456789abcdef", {});
  ASSERT_TRUE(hash);
  EXPECT_EQ(encode_hex(as_bytes(hash->reveal())),
            "d2ab07b39ef7f8b806227cd86fbb11aa5393066a98e17eacacd126eb26e9276d");
}

TEST(Kdf, PasswordsThatDifferAreDifferent) {
  const auto hash = [](std::string password) {
    return encode_hex(
        as_bytes(salted_password(Secret(std::move(password)), std::string(16, 's'), {})->reveal()));
  };
  EXPECT_NE(hash("a"), hash(std::string("a\0b", 3)));
  EXPECT_NE(hash(""), hash("\u00AD"));
  EXPECT_EQ(hash("Zoe\u0308"), hash("Zo\u00EB"));
}

TEST(Kdf, NeedsASaltOf16Bytes) {
  EXPECT_EQ(salted_password(Secret("a"), std::string(15, 's'), {}).error().code(), ErrorCode::invalid);
}

TEST(Kdf, MakesNoCredentialThatNoClientWouldTake) {
  const KdfParameters cheap{.memory_kib = 8, .passes = 1, .lanes = 1};
  EXPECT_EQ(make_credential(Secret("secret"), cheap).error().code(), ErrorCode::invalid);
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
