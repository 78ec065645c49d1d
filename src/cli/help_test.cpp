#include "cli/help.h"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/command_options.h"
#include "cli/commands.h"
#include "cli/testing/sitting.h"

namespace sampan::cli {
namespace {

using ::testing::HasSubstr;

TEST(Help, TheTableOfExitCodesHasEveryCodeThatAnErrorLeadsTo) {
  const std::string help = program_help(program_commands());
  for (int i = 0; i <= static_cast<int>(ErrorCode::interrupted); ++i) {
    const int code = exit_code(static_cast<ErrorCode>(i));
    EXPECT_THAT(help, ::testing::AnyOf(HasSubstr("\n    " + std::to_string(code) + " "),
                                       HasSubstr("\n    " + std::to_string(code) + "*"),
                                       HasSubstr("\n  " + std::to_string(code) + "*")));
  }
}

TEST(Help, EveryCommandCanBeAskedAbout) {
  for (const CommandTable& table : {program_commands(), shell_commands()})
    for (const auto& row : table.rows()) {
      testing::Sitting sitting(table);
      std::vector<std::string> words = {"help"};
      std::istringstream name{std::string(row.description.name)};
      for (std::string word; name >> word;) words.push_back(word);
      EXPECT_EQ(dispatch(sitting.context, words, Place::command_line), 0) << row.description.name;
      EXPECT_THAT(sitting.out.str(), HasSubstr(std::string(row.description.summary.substr(1))));
      EXPECT_EQ(sitting.err.str(), "");
    }
}

TEST(Help, FitsATerminal) {
  std::string all = program_help(program_commands()) + shell_help(shell_commands());
  all += family_help(program_commands(), "user");
  for (const Place place : {Place::command_line, Place::shell}) {
    testing::Sitting sitting(place == Place::shell ? shell_commands() : program_commands());
    for (const auto& row : sitting.commands.rows()) {
      const std::string name(row.description.name);
      std::vector<std::string> words = {name.substr(0, name.find(' '))};
      if (name.contains(' ')) words.push_back(name.substr(name.find(' ') + 1));
      words.emplace_back("--help");
      EXPECT_EQ(dispatch(sitting.context, words, place), 0);
    }
    all += sitting.out.str();
  }
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);) EXPECT_LT(display_width(line), 80U) << line;
}

TEST(Help, NamesAreUnique) {
  for (const CommandTable& table : {program_commands(), shell_commands()}) {
    std::vector<std::string_view> names;
    for (const auto& row : table.rows()) names.push_back(row.description.name);
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  }
}

TEST(Help, OptionsAreReadFromTheCommandItself) {
  const CommandTable table = program_commands();
  const auto* put = table.find(std::vector<std::string>{"put"});
  ASSERT_NE(put, nullptr);
  std::vector<std::string> names;
  for (const OptionText& option : options_of(*put, Place::command_line)) names.push_back(option.name);
  EXPECT_THAT(names, ::testing::IsSupersetOf({"-r", "--to", "--progress", "--server", "--trust", "--help"}));
}

std::string completions_for(const std::string& line) {
  testing::Sitting sitting(program_commands());
  EXPECT_EQ(dispatch(sitting.context, {"completion", "for", line}, Place::command_line), 0);
  EXPECT_EQ(sitting.err.str(), "");
  return sitting.out.str();
}

TEST(Completion, AnswersTheScripts) {
  EXPECT_THAT(completions_for("sampan "), HasSubstr("\nput\n"));
  EXPECT_EQ(completions_for("sampan use"), "word\nuse\nuser\n");
  EXPECT_EQ(completions_for("sampan user r"), "word\nr\nremove\n");
  EXPECT_EQ(completions_for("sampan user set --d"), "word\n--d\n--data\n--disable\n");
  EXPECT_EQ(completions_for("sampan put --progress "), "word\n\nauto\nbar\njson\nnone\n");
  EXPECT_EQ(completions_for("sampan completion z"), "word\nz\nzsh\n");
  EXPECT_EQ(completions_for("sampan put 'two w"), "local\ntwo w\n");
  EXPECT_EQ(completions_for("sampan get x --to "), "local-directories\n\n");
  EXPECT_EQ(completions_for("sampan nosuch "), "word\n\n");
  EXPECT_EQ(completions_for("samp"), "");
}

TEST(Completion, HasAScriptForEachOfTwoShells) {
  testing::Sitting sitting(program_commands());
  EXPECT_EQ(dispatch(sitting.context, {"completion", "bash"}, Place::command_line), 0);
  EXPECT_EQ(dispatch(sitting.context, {"completion", "zsh"}, Place::command_line), 0);
  EXPECT_EQ(dispatch(sitting.context, {"completion", "fish"}, Place::command_line), 2);
  EXPECT_EQ(dispatch(sitting.context, {"completion", "bash", "x"}, Place::command_line), 2);
}

}  // namespace
}  // namespace sampan::cli
