#include "cli/shell/completer.h"

#include <map>

#include <gmock/gmock.h>

#include "cli/commands.h"

namespace sampan::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct ListedNames final : NameSource {
  std::map<std::string, std::vector<CompletedName>> directories;
  std::vector<CompletedName> names(const std::string& directory) override { return directories[directory]; }
};

class CompleterTest : public ::testing::Test {
 protected:
  CompleterTest() {
    local_.directories[""] = {{"here.txt", false}, {"half done.txt", false}, {"heap", true}};
    remote_.directories[""] = {{"reports", true}, {"readme", false},  {".hidden", false}, {"总结.txt", false},
                               {"total", false},  {"my files", true}, {"-x", false}};
    remote_.directories["reports/"] = {{"2025.pdf", false}, {"2026.pdf", false}};
    remote_.directories["/my files/"] = {{"a b", false}};
  }
  std::string completed(std::string_view line) {
    const Completion completion = Completer(commands_, Place::shell, local_, remote_).complete(line);
    return std::string(line.substr(0, completion.from)) + completion.text;
  }
  std::vector<std::string> choices(std::string_view line) {
    return Completer(commands_, Place::shell, local_, remote_).complete(line).choices;
  }

  CommandTable commands_ = shell_commands();
  ListedNames local_, remote_;
};

TEST_F(CompleterTest, Commands) {
  EXPECT_EQ(completed("dig"), "digest ");
  EXPECT_THAT(choices("mk"), IsEmpty());
  EXPECT_EQ(completed("mk"), "mkdir ");
  EXPECT_THAT(choices("rm"), ElementsAre("rm", "rmdir"));
  EXPECT_EQ(completed("nosuch"), "nosuch");
  EXPECT_EQ(completed("help di"), "help digest ");
}

TEST_F(CompleterTest, LocalAndRemoteNames) {
  EXPECT_EQ(completed("put her"), "put here.txt ");
  EXPECT_EQ(completed("put ha"), R"(put half\ done.txt )");
  EXPECT_EQ(completed("get rep"), "get reports/");
  EXPECT_EQ(completed("get reports/"), "get reports/202");
  EXPECT_THAT(choices("get reports/"), ElementsAre("2025.pdf", "2026.pdf"));
  EXPECT_THAT(choices("get re"), ElementsAre("readme", "reports/"));
  EXPECT_EQ(completed("get '/my files/a"), R"(get /my\ files/a\ b )");
  EXPECT_EQ(completed("get a rea"), "get a readme ");
  EXPECT_EQ(completed("get 总"), "get 总结.txt ");
}

TEST_F(CompleterTest, HiddenNamesWhenAskedFor) {
  EXPECT_THAT(choices("get "), ElementsAre("-x", "my files/", "readme", "reports/", "total", "总结.txt"));
  EXPECT_EQ(completed("get ."), "get .hidden ");
}

TEST_F(CompleterTest, OptionsAndTheirValues) {
  EXPECT_EQ(completed("put --pr"), "put --progress ");
  EXPECT_EQ(completed("put --to rep"), "put --to reports/");
  EXPECT_EQ(completed("get --to he"), "get --to heap/");
  EXPECT_EQ(completed("put --progress j"), "put --progress json ");
  EXPECT_EQ(completed("get -- -"), "get -- -x ");
}

TEST_F(CompleterTest, OnlyDirectoriesCanBeEntered) {
  EXPECT_THAT(choices("cd "), ElementsAre("my files/", "reports/"));
  EXPECT_EQ(completed("lcd "), "lcd heap/");
}

// However it was quoted: the line can be sent as it stands.
TEST_F(CompleterTest, WhatIsCompletedIsAWholeWord) {
  for (const std::string_view typed : {"cd my", "cd 'my f", "cd \"my f", "cd my\\ f"}) {
    const auto words = split_words(completed(typed));
    ASSERT_TRUE(words) << typed;
    EXPECT_THAT(*words, ElementsAre("cd", "my files/"));
  }
}

TEST_F(CompleterTest, NamesThatATerminalMustNotSeeAreNotOffered) {
  remote_.directories[""] = {{"bad\x1b[2J", false}};
  EXPECT_EQ(completed("get ba"), "get ba");
}

}  // namespace
}  // namespace sampan::cli
