#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "base/testing/temporary_directory.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "cli/testing/sitting.h"

namespace sampan::cli {
namespace {

using ::testing::HasSubstr;

class UserCommands : public ::testing::Test {
 protected:
  UserCommands() { std::ofstream(password_) << "correct horse\n"; }

  /// Runs `sampan user WORDS.. --data ..`; what it said is in out and err.
  int user(std::vector<std::string> words, std::deque<std::string> answers = {}) {
    testing::Sitting sitting(program_commands());
    sitting.person.answers = std::move(answers);
    words.insert(words.begin(), "user");
    words.insert(words.end(), {"--data", directory_.path() + "/data"});
    const int code = run_program(sitting.context, words);
    out_ = sitting.out.str();
    err_ = sitting.err.str();
    return code;
  }

  sampan::testing::TemporaryDirectory directory_;
  std::string password_ = directory_.path() + "/password";
  std::string out_, err_;
};

TEST_F(UserCommands, AddShowSetListRemove) {
  EXPECT_EQ(user({"add", "alice", "--quota", "10MiB", "--password-file", password_}), 0) << err_;
  EXPECT_EQ(user({"show", "alice", "--json"}), 0) << err_;
  EXPECT_EQ(out_, R"({"name":"alice","quota":10485760,"max_files":2560,"used":0,"files":0,"enabled":true})"
                  "\n");
  EXPECT_EQ(user({"set", "alice", "--quota", "none", "--max-files", "7", "--disable"}), 0) << err_;
  EXPECT_EQ(user({"list", "--json"}), 0) << err_;
  EXPECT_EQ(out_, R"([{"name":"alice","quota":null,"max_files":7,"used":0,"files":0,"enabled":false}])"
                  "\n");
  EXPECT_EQ(user({"remove", "alice", "--purge"}), 0) << err_;
  EXPECT_EQ(user({"list", "--json"}), 0);
  EXPECT_EQ(out_, "[]\n");
}

TEST_F(UserCommands, WhatTheHomeHoldsIsCounted) {
  EXPECT_EQ(user({"add", "alice", "--password-file", password_}), 0) << err_;
  const std::string home = directory_.path() + "/data/homes/alice";
  std::filesystem::create_directories(home + "/d");
  std::ofstream(home + "/d/f") << "12345";
  EXPECT_EQ(user({"show", "alice"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("used       5 B (5 bytes)\n"));
  EXPECT_THAT(out_, HasSubstr("files      2\n"));
  EXPECT_EQ(user({"remove", "alice"}), 0) << err_;
  EXPECT_TRUE(std::filesystem::exists(home + "/d/f")) << "only --purge deletes files";
}

TEST_F(UserCommands, APasswordIsAskedForTwice) {
  EXPECT_EQ(user({"add", "bob"}, {"one", "two"}), 2);
  EXPECT_THAT(err_, HasSubstr("differ"));
  EXPECT_EQ(user({"add", "bob"}, {"one", "one"}), 0) << err_;
  EXPECT_EQ(user({"passwd", "bob"}, {"new", "new"}), 0) << err_;
  EXPECT_EQ(user({"add", "carol"}), 2);
  EXPECT_THAT(err_, HasSubstr("--password-file"));
}

TEST_F(UserCommands, ErrorsNameTheAccountAndTheCause) {
  EXPECT_EQ(user({"show", "nobody"}), 4);
  EXPECT_THAT(err_,
              ::testing::StartsWith("sampan: user show nobody: no such file or directory: no such account"));
  EXPECT_EQ(user({"add", "a/b", "--password-file", password_}), 2);
  EXPECT_EQ(user({"add", "../x", "--password-file", password_}), 2);
  EXPECT_EQ(user({"add", "", "--password-file", password_}), 2);
  EXPECT_EQ(user({"add", "alice", "--quota", "much", "--password-file", password_}), 2);
  EXPECT_EQ(user({"add", "alice", "--max-files", "-1", "--password-file", password_}), 2);
  EXPECT_EQ(user({"add", "alice", "--password-file", password_ + ".missing"}), 4);
  EXPECT_EQ(user({"add", "alice", "--password-file", password_}), 0) << err_;
  EXPECT_EQ(user({"add", "alice", "--password-file", password_}), 8);
  EXPECT_EQ(user({"set", "alice"}), 2);
  EXPECT_EQ(user({"set", "alice", "--enable", "--disable"}), 2);
}

TEST_F(UserCommands, AnAccountMayBeNamedLikeACommand) {
  EXPECT_EQ(user({"add", "list", "--password-file", password_}), 0) << err_;
  EXPECT_EQ(user({"show", "list"}), 0) << err_;
}

}  // namespace
}  // namespace sampan::cli
