#include "cli/shell/completer.h"

#include <map>

#include <gmock/gmock.h>

#include "cli/commands.h"

namespace sampan::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ListedNames final : public NameSource {
 public:
  std::map<std::string, std::vector<CompletedName>> directories;
  std::vector<CompletedName> names(const std::string& directory) override { return directories[directory]; }
};

class CompleterTest : public ::testing::Test {
 protected:
  CompleterTest() {
    local_.directories[""] = {{"here.txt", false}, {"half done.txt", false}};
    remote_.directories[""] = {
        {"reports", true}, {"readme", false}, {".hidden", false}, {"总结.txt", false}, {"total", false}};
    remote_.directories["reports/"] = {{"2025.pdf", false}, {"2026.pdf", false}};
    remote_.directories["/my files/"] = {{"a b", false}};
  }
  std::string completed(std::string_view line) {
    const Completion completion = Completer(commands_, local_, remote_).complete(line);
    return std::string(line.substr(0, completion.from)) + completion.text;
  }
  std::vector<std::string> choices(std::string_view line) {
    return Completer(commands_, local_, remote_).complete(line).choices;
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
  EXPECT_EQ(completed("put he"), "put here.txt ");
  EXPECT_EQ(completed("put ha"), "put 'half done.txt' ");
  EXPECT_EQ(completed("get rep"), "get reports/");
  EXPECT_EQ(completed("get reports/"), "get reports/202");
  EXPECT_THAT(choices("get reports/"), ElementsAre("2025.pdf", "2026.pdf"));
  EXPECT_THAT(choices("get re"), ElementsAre("readme", "reports/"));
  EXPECT_EQ(completed("get '/my files/a"), "get '/my files/a b' ");
  EXPECT_EQ(completed("get a rea"), "get a readme ");
  EXPECT_EQ(completed("get 总"), "get 总结.txt ");
}

TEST_F(CompleterTest, HiddenNamesWhenAskedFor) {
  EXPECT_THAT(choices("get "), ElementsAre("readme", "reports/", "total", "总结.txt"));
  EXPECT_EQ(completed("get ."), "get .hidden ");
}

TEST_F(CompleterTest, OptionsAndTheirValues) {
  EXPECT_EQ(completed("put --pr"), "put --progress ");
  EXPECT_EQ(completed("put --to rep"), "put --to reports/");
  EXPECT_EQ(completed("get --to he"), "get --to here.txt ");
}

TEST_F(CompleterTest, NamesThatATerminalMustNotSeeAreNotOffered) {
  remote_.directories[""] = {{"bad\x1b[2J", false}};
  EXPECT_EQ(completed("get ba"), "get ba");
}

}  // namespace
}  // namespace sampan::cli
