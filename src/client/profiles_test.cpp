#include "client/profiles.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing/temporary_directory.h"
#include "client/known_hosts.h"

namespace sampan::client {
namespace {

TEST(Profiles, TheFirstIsTheDefault) {
  const testing::TemporaryDirectory temporary;
  const Profiles profiles(temporary.path() + "/new/sampan");
  EXPECT_EQ(profiles.find("").error().code(), ErrorCode::not_found);
  ASSERT_TRUE(profiles.save({"home", "sampan://a@b"}));
  ASSERT_TRUE(profiles.save({"work", "sampan://c@d"}));
  EXPECT_EQ(profiles.find("")->url, "sampan://a@b");
  EXPECT_EQ(profiles.find("work")->url, "sampan://c@d");
  EXPECT_EQ(profiles.list()->size(), 2U);
  EXPECT_EQ(profiles.find("none").error().code(), ErrorCode::not_found);
}

TEST(Profiles, CredentialsComeBackAndAreTheirOwnersAlone) {
  const testing::TemporaryDirectory temporary;
  const Profiles profiles(temporary.path());
  EXPECT_FALSE(profiles.credential("sampan://a@b")->has_value());
  SavedCredential saved;
  saved.salt = std::string("salt\0salt", 9);
  saved.salted_password = Secret("\xFF\x01 secret");
  ASSERT_TRUE(profiles.save_credential("sampan://a@b", saved));
  const auto back = profiles.credential("sampan://a@b");
  ASSERT_TRUE(back && *back);
  EXPECT_EQ((*back)->salt, saved.salt);
  EXPECT_EQ((*back)->kdf, saved.kdf);
  EXPECT_EQ((*back)->salted_password.reveal(), saved.salted_password.reveal());
  for (const auto& entry : std::filesystem::directory_iterator(temporary.path())) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
  }
}

TEST(KnownHosts, RemembersAndReplaces) {
  const testing::TemporaryDirectory temporary;
  const KnownHosts known(temporary.path() + "/sampan/known_hosts");
  EXPECT_EQ(*known.find("h:1"), std::nullopt);
  ASSERT_TRUE(known.remember("h:1", "SHA256:a"));
  ASSERT_TRUE(known.remember("h:12", "SHA256:b"));
  ASSERT_TRUE(known.remember("h:1", "SHA256:c"));
  EXPECT_EQ(*known.find("h:1"), "SHA256:c");
  EXPECT_EQ(*known.find("h:12"), "SHA256:b");
}

}  // namespace
}  // namespace sampan::client
