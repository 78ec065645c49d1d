#include "login/scram.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace sampan::login {
namespace {

const std::string binding(32, 'b');

const Credential& alice() {
  static const Credential credential = *make_credential(Secret("correct horse"));
  return credential;
}

ScramServer::Lookup lookup() {
  return [](std::string_view name) {
    return name == "alice" ? alice() : decoy_credential(name, "server secret");
  };
}

ScramClient::SaltedPasswordOf password(std::string text) {
  return [text](std::string_view salt, const KdfParameters& kdf) {
    return salted_password(Secret(text), salt, kdf);
  };
}

struct Exchange {
  std::vector<std::string> messages;
  std::optional<Error> server_error;
  std::optional<Error> client_error;
  bool server_done = false;
  bool client_done = false;
};

Exchange exchange(ScramClient client, ScramServer server,
                  const std::function<void(std::string&)>& tamper = {}) {
  Exchange result;
  std::string from_server;
  for (int i = 0; i < 3; ++i) {
    auto from_client = client.step(from_server);
    if (!from_client) {
      result.client_error = from_client.error();
      break;
    }
    result.client_done = client.done();
    if (server.done()) break;
    result.messages.push_back(*from_client);
    auto answer = server.step(*from_client);
    if (!answer) {
      result.server_error = answer.error();
      break;
    }
    client.set_kdf(server.kdf());
    from_server = *answer;
    if (server.done() && tamper) tamper(from_server);
    result.messages.push_back(from_server);
  }
  result.server_done = server.done();
  return result;
}

TEST(Scram, TheRightPasswordLogsIn) {
  const auto result =
      exchange(ScramClient(binding, "alice", password("correct horse")), ScramServer(binding, lookup()));
  EXPECT_TRUE(result.server_done);
  EXPECT_TRUE(result.client_done);
}

TEST(Scram, AWrongPasswordAndAnUnknownUserFailAlike) {
  const auto wrong =
      exchange(ScramClient(binding, "alice", password("wrong")), ScramServer(binding, lookup()));
  const auto unknown =
      exchange(ScramClient(binding, "nobody", password("wrong")), ScramServer(binding, lookup()));
  ASSERT_TRUE(wrong.server_error && unknown.server_error);
  EXPECT_EQ(wrong.server_error->code(), ErrorCode::login_failed);
  EXPECT_EQ(wrong.server_error->message(), unknown.server_error->message());
  EXPECT_EQ(wrong.messages.size(), unknown.messages.size());
  EXPECT_FALSE(wrong.server_done);
}

TEST(Scram, AnotherChannelFails) {
  const auto result = exchange(ScramClient(binding, "alice", password("correct horse")),
                               ScramServer(std::string(32, 'x'), lookup()));
  EXPECT_TRUE(result.server_error);
  EXPECT_FALSE(result.server_done);
  EXPECT_TRUE(
      exchange(ScramClient("", "alice", password("correct horse")), ScramServer("", lookup())).client_error);
}

TEST(Scram, ARecordedLoginCannotBePlayedAgain) {
  const auto recorded =
      exchange(ScramClient(binding, "alice", password("correct horse")), ScramServer(binding, lookup()));
  ASSERT_TRUE(recorded.server_done);
  ScramServer server(binding, lookup());
  ASSERT_TRUE(server.step(recorded.messages[0]));
  EXPECT_FALSE(server.step(recorded.messages[2]));
  EXPECT_FALSE(server.done());
}

TEST(Scram, ASecretIsInNoMessageAndNoTwoLoginsAreAlike) {
  const auto first =
      exchange(ScramClient(binding, "alice", password("correct horse")), ScramServer(binding, lookup()));
  const auto second =
      exchange(ScramClient(binding, "alice", password("correct horse")), ScramServer(binding, lookup()));
  const auto salted = salted_password(Secret("correct horse"), alice().salt, alice().kdf);
  for (const auto* run : {&first, &second})
    for (const std::string& message : run->messages)
      for (const std::string& secret : {std::string("correct horse"), std::string(salted->reveal()),
                                        alice().stored_key, alice().server_key}) {
        EXPECT_EQ(message.find(secret), message.npos);
        EXPECT_EQ(message.find(encode_base64(as_bytes(secret))), message.npos);
        EXPECT_EQ(message.find(encode_hex(as_bytes(secret))), message.npos);
      }
  for (std::size_t i = 0; i < first.messages.size(); ++i) EXPECT_NE(first.messages[i], second.messages[i]);
}

TEST(Scram, AServerWithoutTheVerifierIsFound) {
  const auto flip = [](std::string& message) {
    message[message.size() - 4] = message[message.size() - 4] == 'A' ? 'B' : 'A';
  };
  const auto result = exchange(ScramClient(binding, "alice", password("correct horse")),
                               ScramServer(binding, lookup()), flip);
  ASSERT_TRUE(result.client_error);
  EXPECT_EQ(result.client_error->code(), ErrorCode::wrong_peer);
  EXPECT_FALSE(result.client_done);
}

TEST(Scram, ACheapHashIsRefusedBeforeThePasswordIsUsed) {
  bool used = false;
  ScramClient client(binding, "alice", [&](std::string_view, const KdfParameters&) -> Result<Secret> {
    used = true;
    return fail(ErrorCode::invalid, "");
  });
  ScramServer server(binding, lookup());
  const auto first = client.step("");
  const auto answer = server.step(*first);
  client.set_kdf({.memory_kib = 8, .passes = 1, .lanes = 1});
  EXPECT_EQ(client.step(*answer).error().code(), ErrorCode::invalid);
  EXPECT_FALSE(used);
}

TEST(Scram, NonsenseIsALoginThatFailed) {
  for (const std::string& message :
       {std::string(), std::string("x"), std::string(100'000, 'n'), std::string("n,,n=a,r=b"),
        std::string("p=tls-exporter,,n=,r="), std::string("\0\0\0", 3),
        "p=tls-exporter,,n=" + std::string(5000, 'u') + ",r=abc"}) {
    ScramServer server(binding, lookup());
    const auto answer = server.step(message);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message(), Error(ErrorCode::login_failed).message());
  }
}

}  // namespace
}  // namespace sampan::login
