#include "net/endpoint.h"

#include <gtest/gtest.h>

namespace sampan::net {
namespace {

TEST(Endpoint, Forms) {
  const std::pair<const char*, Endpoint> cases[] = {
      {"127.0.0.1:80", {"127.0.0.1", 80, ""}},
      {"localhost", {"localhost", 7267, ""}},
      {"[::1]:0", {"::1", 0, ""}},
      {"[::1]", {"::1", 7267, ""}},
      {"unix:/run/s", {"", 0, "/run/s"}},
  };
  for (const auto& [text, endpoint] : cases) {
    const auto parsed = parse_endpoint(text, 7267);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, endpoint) << text;
    EXPECT_EQ(*parse_endpoint(parsed->text(), 1), endpoint);
  }
}

TEST(Endpoint, Refusals) {
  for (const char* text :
       {"", ":80", "host:", "host:65536", "host:-1", "host:8o", "::1", "[::1", "[::1]x", "[]:1", "unix:"})
    EXPECT_EQ(parse_endpoint(text, 1).error().code(), ErrorCode::invalid) << text;
  EXPECT_TRUE(parse_endpoint("unix:" + std::string(107, 'p'), 1));
  EXPECT_FALSE(parse_endpoint("unix:" + std::string(108, 'p'), 1));
}

}  // namespace
}  // namespace sampan::net
