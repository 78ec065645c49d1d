#include "login/scram.h"

#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "login/testing/exchange.h"

namespace sampan::login {
namespace {

using testing::alice;
using testing::binding;
using testing::client;
using testing::credential_of;
using testing::exchange;
using testing::server;
using testing::typed;

TEST(Scram, TheRightPasswordLogsIn) {
  const auto result = exchange(ScramClient(binding, "alice", typed("correct horse")), server());
  EXPECT_TRUE(result.server_done);
  EXPECT_TRUE(result.client_done);
  EXPECT_EQ(result.messages.size(), 4U);
}

TEST(Scram, TheServerKnowsWhoItIsAndWhatItCosts) {
  Credential stronger = decoy_credential("bob", "key");
  stronger.kdf.passes = 3;
  ScramServer known(binding, [&](std::string_view) { return stronger; });
  EXPECT_EQ(known.name(), "");
  ASSERT_TRUE(known.step(*ScramClient(binding, "b,o=b 张", testing::saved).step("")));
  EXPECT_EQ(known.name(), "b,o=b 张");
  EXPECT_EQ(known.kdf(), stronger.kdf);
}

TEST(Scram, AWrongPasswordAndAnUnknownUserFailAlike) {
  const auto wrong = exchange(ScramClient(binding, "alice", typed("wrong")), server());
  const auto unknown = exchange(ScramClient(binding, "nobod", typed("wrong")), server());
  ASSERT_TRUE(wrong.server_error && unknown.server_error);
  EXPECT_EQ(wrong.server_error->code(), ErrorCode::login_failed);
  EXPECT_EQ(unknown.server_error->code(), ErrorCode::login_failed);
  EXPECT_EQ(wrong.server_error->message(), unknown.server_error->message());
  ASSERT_EQ(wrong.messages.size(), unknown.messages.size());
  for (std::size_t i = 0; i < wrong.messages.size(); ++i)
    EXPECT_EQ(wrong.messages[i].size(), unknown.messages[i].size()) << i;
  EXPECT_FALSE(wrong.server_done || wrong.client_done || unknown.server_done || unknown.client_done);
}

TEST(Scram, AnUnknownUserHasTheSameSaltEachTime) {
  const auto salt = [] {
    const std::string first = *server().step(*ScramClient(binding, "nobody", testing::saved).step(""));
    return first.substr(first.find(",s="));
  };
  EXPECT_EQ(salt(), salt());
}

TEST(Scram, AnotherChannelFails) {
  const auto relayed = exchange(client(), ScramServer(std::string(32, 'x'), credential_of));
  ASSERT_TRUE(relayed.server_error);
  EXPECT_EQ(relayed.server_error->code(), ErrorCode::login_failed);
  EXPECT_FALSE(relayed.server_done);
}

TEST(Scram, NoChannelFailsOnBothSides) {
  const auto first = ScramClient("", "alice", testing::saved).step("");
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code(), ErrorCode::wrong_peer);
  ScramServer unbound("", credential_of);
  EXPECT_FALSE(unbound.step(*client().step("")));
}

TEST(Scram, ASecretIsInNoMessageAndNoTwoLoginsAreAlike) {
  const auto first = exchange(client(), server());
  const auto second = exchange(client(), server());
  ASSERT_TRUE(first.client_done && second.client_done);
  const Secret salted = testing::saved("", {}).value();
  for (const auto* run : {&first, &second})
    for (const std::string& message : run->messages)
      for (const std::string& secret : {std::string(testing::right_password), std::string(salted.reveal()),
                                        alice().stored_key, alice().server_key}) {
        EXPECT_EQ(message.find(secret), message.npos);
        EXPECT_EQ(message.find(encode_base64(as_bytes(secret))), message.npos);
        EXPECT_EQ(message.find(encode_hex(as_bytes(secret))), message.npos);
      }
  for (std::size_t i = 0; i < first.messages.size(); ++i) EXPECT_NE(first.messages[i], second.messages[i]);
}

TEST(Scram, ACheapHashIsRefusedBeforeThePasswordIsUsed) {
  bool used = false;
  ScramClient asked(binding, "alice", [&](std::string_view, const KdfParameters&) -> Result<Secret> {
    used = true;
    return fail(ErrorCode::invalid, "");
  });
  const auto answer = server().step(*asked.step(""));
  asked.set_kdf({.memory_kib = 8, .passes = 1, .lanes = 1});
  EXPECT_EQ(asked.step(*answer).error().code(), ErrorCode::invalid);
  asked.set_kdf({});
  EXPECT_FALSE(asked.step(*answer));  // a failed step ends it
  EXPECT_FALSE(used);
}

TEST(Scram, ThePasswordsOwnFailureIsTheClients) {
  const auto cancelled = [](std::string_view, const KdfParameters&) -> Result<Secret> {
    return fail(ErrorCode::interrupted);
  };
  const auto result = exchange(ScramClient(binding, "alice", cancelled), server());
  ASSERT_TRUE(result.client_error);
  EXPECT_EQ(result.client_error->code(), ErrorCode::interrupted);
}

TEST(Scram, AThrowingLookupEndsTheLogin) {
  ScramServer broken(binding,
                     [](std::string_view) -> Result<Credential> { throw std::runtime_error("lost"); });
  const std::string first = *client().step("");
  EXPECT_THROW((void)broken.step(first), std::runtime_error);
  EXPECT_FALSE(broken.step(first));
}

TEST(Scram, WhatTheLookupRefusesIsTheAnswer) {
  int asked = 0;
  ScramServer paused(binding, [&](std::string_view) -> Result<Credential> {
    ++asked;
    return fail(ErrorCode::login_paused, "try again in 7 s");
  });
  const auto answer = paused.step(*client().step(""));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message(), "too many failed logins: try again in 7 s");
  EXPECT_EQ(asked, 1);
  EXPECT_FALSE(paused.done());
}

TEST(Scram, LoginsDoNotDisturbEachOther) {
  (void)testing::saved("", {});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([] {
      for (int k = 0; k < 10; ++k) EXPECT_TRUE(exchange(client(), server()).client_done);
    });
}

}  // namespace
}  // namespace sampan::login
