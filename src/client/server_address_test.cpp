#include "client/server_address.h"

#include <gtest/gtest.h>

namespace sampan::client {
namespace {

TEST(ServerAddress, ReadsWhatItWrites) {
  const std::pair<const char*, ServerAddress> cases[] = {
      {"sampan://alice@host", {"alice", {"host", 7267, ""}}},
      {"sampan://alice@127.0.0.1:80/", {"alice", {"127.0.0.1", 80, ""}}},
      {"sampan://a%20b@[::1]:1", {"a b", {"::1", 1, ""}}},
      {"sampan://a%40b@host", {"a@b", {"host", 7267, ""}}},
      {"sampan+unix://alice@/run/s", {"alice", {"", 0, "/run/s"}}},
  };
  for (const auto& [text, address] : cases) {
    const auto read = parse_server_address(text);
    ASSERT_TRUE(read) << text << ": " << read.error().message();
    EXPECT_EQ(read->user, address.user);
    EXPECT_EQ(read->endpoint, address.endpoint);
    EXPECT_EQ(parse_server_address(read->text())->endpoint, address.endpoint);
    EXPECT_EQ(parse_server_address(read->text())->user, address.user);
  }
}

TEST(ServerAddress, Refusals) {
  for (const char* text :
       {"", "alice@host", "ftp://alice@host", "sampan://host", "sampan://@host", "sampan://alice@",
        "sampan://a%2@host", "sampan://a%zz@host", "sampan://alice@host:99999", "sampan://alice@unix:/x"})
    EXPECT_EQ(parse_server_address(text).error().code(), ErrorCode::invalid) << text;
}

}  // namespace
}  // namespace sampan::client
