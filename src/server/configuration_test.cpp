#include "server/configuration.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"

namespace sampan::server {
namespace {

Result<Configuration> read(const std::string& text) {
  const testing::TemporaryDirectory temporary;
  const std::string file = temporary.path() + "/sampan.toml";
  std::ofstream(file) << text;
  return read_configuration(file, {});
}

TEST(Configuration, ReadsEverySetting) {
  const auto configuration = read(R"(
    data = "/srv/sampan"
    user = "sampan"
    listen = ["sampan://0.0.0.0:7267"]
    log-format = "json"
    log-level = "debug"
    grace = 3
    sessions = 7
    idle = 60
    upload-expiry-hours = 48)");
  ASSERT_TRUE(configuration) << configuration.error().message();
  EXPECT_EQ(configuration->data, "/srv/sampan");
  EXPECT_EQ(configuration->user, "sampan");
  EXPECT_EQ(configuration->listen, std::vector<std::string>{"sampan://0.0.0.0:7267"});
  EXPECT_EQ(configuration->log_format, log::Format::json);
  EXPECT_EQ(configuration->grace, std::chrono::seconds(3));
  EXPECT_EQ(configuration->limits.sessions, 7U);
  EXPECT_EQ(configuration->limits.idle, std::chrono::seconds(60));
  EXPECT_EQ(configuration->limits.upload_expiry, std::chrono::hours(48));
}

TEST(Configuration, LimitsOfTheLoginAreSettings) {
  RecordProperty("proves", "R1.2");
  const ServerLimits defaults;
  EXPECT_EQ(defaults.login_deadline, std::chrono::seconds(30));
  EXPECT_EQ(defaults.logins.failures, 5U);
  EXPECT_EQ(defaults.logins.within, std::chrono::seconds(60));
  EXPECT_EQ(defaults.logins.pause, std::chrono::seconds(30));
  const auto configuration = read(R"(
    login-deadline = 7
    login-failures = 3
    login-failures-within = 600
    login-pause = 120
    sessions-per-user = 2)");
  ASSERT_TRUE(configuration) << configuration.error().message();
  EXPECT_EQ(configuration->limits.login_deadline, std::chrono::seconds(7));
  EXPECT_EQ(configuration->limits.logins.failures, 3U);
  EXPECT_EQ(configuration->limits.logins.within, std::chrono::seconds(600));
  EXPECT_EQ(configuration->limits.logins.pause, std::chrono::seconds(120));
  EXPECT_EQ(configuration->limits.sessions_per_user, 2U);
}

TEST(Configuration, RefusalsNameTheLineAndTheSetting) {
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {"sesions = 7", "sesions"},
           {"\nsessions = 0", "line 2"},
           {"sessions = \"7\"", "a number from 1"},
           {"log-level = \"loud\"", "one of: debug, error, info, warning"},
           {"listen = \"sampan://x\"", "a list of texts"},
           {"data = ", "line 1"}}) {
    const auto configuration = read(text);
    ASSERT_FALSE(configuration) << text;
    EXPECT_NE(configuration.error().message().find(part), std::string::npos)
        << configuration.error().message();
  }
  EXPECT_FALSE(read_configuration("/nonexistent/sampan.toml", {}));
}

TEST(ListenUrl, KnowsItsSchemes) {
  EXPECT_EQ(parse_listen_url("sampan://127.0.0.1")->text(), "sampan://127.0.0.1:7267");
  EXPECT_EQ(parse_listen_url("sampan://[::1]:0")->endpoint.port, 0);
  EXPECT_EQ(parse_listen_url("sampan+unix:/run/sampan.sock")->text(), "sampan+unix:/run/sampan.sock");
  EXPECT_EQ(parse_listen_url("ftp://127.0.0.1").error().code(), ErrorCode::unsupported);
  EXPECT_EQ(parse_listen_url("127.0.0.1:7267").error().code(), ErrorCode::invalid);
  EXPECT_EQ(parse_listen_url("sampan://127.0.0.1:99999").error().code(), ErrorCode::invalid);
}

}  // namespace
}  // namespace sampan::server
