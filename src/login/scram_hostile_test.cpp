// What a peer or a man in the middle may try: each is one login_failed or one wrong_peer, and no login.

#include <gtest/gtest.h>

#include "login/scram.h"
#include "login/testing/exchange.h"

namespace sampan::login {
namespace {

using testing::binding;
using testing::client;
using testing::credential_of;
using testing::exchange;
using testing::server;

void expect_plain_failure(const Result<std::string>& answer, std::string_view what) {
  ASSERT_FALSE(answer) << what;
  EXPECT_EQ(answer.error().code(), ErrorCode::login_failed) << what;
  EXPECT_EQ(answer.error().message(), Error(ErrorCode::login_failed).message()) << what;
}

TEST(ScramHostile, NonsenseIsALoginThatFailed) {
  const std::string start = "p=tls-exporter,,";
  for (const std::string& message :
       {std::string(), std::string("x"), std::string(100'000, 'n'), std::string("\0\0\0", 3),
        std::string("n,,n=alice,r=abc"), std::string("y,,n=alice,r=abc"),
        std::string("p=tls-unique,,n=alice,r=abc"), std::string("p=tls-exporter,a=bob,n=alice,r=abc"),
        start + "n=,r=", start + "n=,r=abc", start + "n=alice,r=", start + "n=alice", start + "n=\xFF,r=abc",
        start + std::string("n=ali\0ce,r=abc", 14), start + "m=x,n=alice,r=abc",
        start + "n=alice,r=" + std::string(65'500, 'r'), start + "n=" + std::string(4'097, 'u') + ",r=abc"}) {
    ScramServer here = server();
    expect_plain_failure(here.step(message), message.substr(0, 60));
    expect_plain_failure(here.step(*client().step("")), "after " + message.substr(0, 60));
    EXPECT_FALSE(here.done());
  }
}

TEST(ScramHostile, NamesThatAreTooLongAreNotLookedUp) {
  std::size_t longest = 0;
  const auto lookup = [&](std::string_view name) {
    longest = std::max(longest, name.size());
    return credential_of(name);
  };
  for (const std::size_t size : {4'096U, 4'097U, 60'000U})
    (void)ScramServer(binding, lookup).step("p=tls-exporter,,n=" + std::string(size, 'u') + ",r=abc");
  EXPECT_EQ(longest, 4'096U);
}

TEST(ScramHostile, ARecordedLoginCannotBePlayedAgain) {
  const auto recorded = exchange(client(), server());
  ASSERT_TRUE(recorded.server_done);
  ScramServer again = server();
  ASSERT_TRUE(again.step(recorded.messages[0]));
  expect_plain_failure(again.step(recorded.messages[2]), "replayed");
  EXPECT_FALSE(again.done());
}

TEST(ScramHostile, AMessageCutShortLogsNobodyIn) {
  for (const std::size_t index : {0U, 1U, 2U, 3U}) {
    std::size_t cut = 0;
    std::size_t whole = 1;
    for (; cut < whole; ++cut) {
      const auto result = exchange(client(), server(), [&](std::size_t i, std::string& message) {
        if (i != index) return;
        whole = message.size();
        message.resize(cut);
      });
      EXPECT_FALSE(result.client_done) << index << " cut to " << cut;
      EXPECT_EQ(result.server_done, index == 3) << index << " cut to " << cut;
    }
    EXPECT_GT(cut, 40U);
  }
}

TEST(ScramHostile, AMessageChangedAnywhereLogsNobodyIn) {
  for (const std::size_t index : {0U, 1U, 2U, 3U}) {
    std::size_t at = 0;
    std::size_t whole = 1;
    for (; at < whole; ++at) {
      const auto result = exchange(client(), server(), [&](std::size_t i, std::string& message) {
        if (i != index) return;
        whole = message.size();
        message[at] = message[at] == 'A' ? 'x' : 'A';
      });
      EXPECT_FALSE(result.client_done) << index << " at " << at;
      EXPECT_EQ(result.server_done, index == 3) << index << " at " << at;
    }
  }
}

TEST(ScramHostile, AServerWithoutTheVerifierIsFound) {
  for (const std::string& proof :
       {std::string(), std::string("v="), std::string("e=other-error"), std::string("x"),
        std::string("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), std::string(100'000, 'v')}) {
    const auto result = exchange(client(), server(), [&](std::size_t i, std::string& message) {
      if (i == 3) message = proof;
    });
    ASSERT_TRUE(result.client_error) << proof.substr(0, 60);
    EXPECT_EQ(result.client_error->code(), ErrorCode::wrong_peer) << proof.substr(0, 60);
    EXPECT_FALSE(result.client_done);
  }
}

TEST(ScramHostile, ASaltThatIsTooShortIsNotUsed) {
  const auto result = exchange(ScramClient(binding, "alice", testing::typed("correct horse")), server(),
                               [](std::size_t i, std::string& message) {
                                 if (i == 1)
                                   message = message.substr(0, message.find(",s=")) + ",s=QUJD,i=4096";
                               });
  ASSERT_TRUE(result.client_error);
  EXPECT_EQ(result.client_error->code(), ErrorCode::invalid);
}

TEST(ScramHostile, ANameWithANulIsNotAnotherName) {
  EXPECT_FALSE(ScramClient(binding, std::string("alice\0x", 7), testing::saved).step(""));
}

}  // namespace
}  // namespace sampan::login
