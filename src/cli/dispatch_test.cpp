#include "cli/dispatch.h"

#include <gmock/gmock.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/program.h"
#include "cli/testing/sitting.h"
#include "net/byte_stream.h"

namespace sampan::cli {
namespace {

using ::testing::HasSubstr;
using testing::Sitting;
using ::testing::StartsWith;

/// A command that the product does not have: a class, and one registration below.
class Echo final : public Command {
 public:
  Description describe() const override {
    return {.name = "echo", .summary = "say the words", .operands = "WORD...", .least = 1, .most = 3};
  }
  void configure(Options& options) override {
    options.flag("-u,--upper", upper_, "in capitals");
    options.text("--after", after_, "TEXT", "what to say after each");
  }
  int run(Context& context, const Operands& operands) override {
    for (std::string word : operands) {
      if (upper_)
        for (char& c : word) c = static_cast<char>(std::toupper(c));
      context.console.out() << "<" + word + after_ + ">";
    }
    return 42;
  }

 private:
  bool upper_ = false;
  std::string after_;
};

class Throwing final : public Command {
 public:
  Description describe() const override { return {.name = "lose it", .summary = "lose the connection"}; }
  int run(Context&, const Operands&) override {
    throw net::StreamError(Error(ErrorCode::connection_lost, "reset"));
  }
};

class Dispatch : public ::testing::Test {
 protected:
  static CommandTable table() {
    CommandTable table = program_commands();
    table.add<Echo>();
    table.add<Throwing>();
    return table;
  }
  int run(const std::vector<std::string>& words) { return run_program(sitting_.context, words); }
  std::string out() const { return sitting_.out.str(); }
  std::string err() const { return sitting_.err.str(); }

  Sitting sitting_{table()};
};

TEST_F(Dispatch, ANewCommandIsAClassAndARegistration) {
  RecordProperty("proves", "R10.1");
  EXPECT_EQ(run({"echo", "a", "-u", "b", "--after", "!"}), 42);
  EXPECT_EQ(out(), "<A!><B!>");
}

TEST_F(Dispatch, ItIsInTheHelpToo) {
  EXPECT_EQ(run({"help"}), 0);
  EXPECT_THAT(out(), HasSubstr("say the words"));
}

TEST_F(Dispatch, ItsOwnHelpNamesItsOptions) {
  EXPECT_EQ(run({"help", "echo"}), 0);
  EXPECT_THAT(out(), HasSubstr("Usage: sampan echo [OPTIONS] WORD..."));
  EXPECT_THAT(out(), HasSubstr("--after TEXT"));
}

TEST_F(Dispatch, OperandsAreTakenAsTheyAre) {
  EXPECT_EQ(run({"echo", "[a,b]", "{}", "++"}), 42);
  EXPECT_EQ(run({"echo", "", "-", "*"}), 42);
  EXPECT_EQ(run({"echo", "--", "-u", "--", "put"}), 42);
  EXPECT_EQ(run({"echo", "put", "echo", "%%"}), 42);
  EXPECT_EQ(out(),
            "<[a,b]><{}><++>"
            "<><-><*>"
            "<-u><--><put>"
            "<put><echo><%%>");
}

TEST_F(Dispatch, MisuseIsCode2AndSaysWhatIsWrong) {
  RecordProperty("proves", "R10.2");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, "no command"},
      {{"nosuch"}, "no such command: nosuch"},
      {{"__init__"}, "no such command: __init__"},
      {{"run"}, "no such command: run"},
      {{"cd"}, "no such command: cd"},  // the shell's alone
      {{"user"}, "user: what?"},
      {{"user", "nosuch"}, "no such command: nosuch"},
      {{"echo"}, "echo: WORD... is missing"},
      {{"echo", "a", "b", "c", "d"}, "too many operands"},
      {{"echo", "-x", "a"}, "no such option: -x"},
      {{"echo", "--nosuch", "a"}, "no such option: --nosuch"},
      {{"echo", "-ux", "a"}, "no such option: -x"},
      {{"echo", "a", "--after"}, "--after"},
      {{"put"}, "LOCAL... is missing"},
      {{"put", "--progress", "loud", "a"}, "--progress"},
      {{"quota", "x"}, "takes no operands"},
      {{"serve", "--grace", "-1"}, "--grace"},
  };
  for (const auto& [words, what] : cases) {
    Sitting sitting(table());
    EXPECT_EQ(run_program(sitting.context, words), 2) << what;
    EXPECT_THAT(sitting.err.str(), StartsWith("sampan: "));
    EXPECT_THAT(sitting.err.str(), HasSubstr(what));
    EXPECT_EQ(sitting.err.str().find('\n'), sitting.err.str().size() - 1) << "one line";
    EXPECT_EQ(sitting.out.str(), "");
  }
}

TEST_F(Dispatch, ALostConnectionIsCode5) {
  EXPECT_EQ(run({"lose", "it"}), 5);
  EXPECT_EQ(err(), "sampan: lose it: connection lost: reset\n");
}

TEST_F(Dispatch, VersionAndHelp) {
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_THAT(out(), ::testing::MatchesRegex("sampan [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_EQ(run({"user", "--help"}), 0);
}

TEST_F(Dispatch, AnOutputThatCannotBeWrittenIsAFailure) {
  sitting_.out.setstate(std::ios::badbit);
  EXPECT_EQ(run({"help"}), 5);
  EXPECT_THAT(err(), HasSubstr("standard output"));
}

TEST_F(Dispatch, TheShellsCommandsChooseNoServer) {
  Sitting sitting(shell_commands());
  EXPECT_EQ(dispatch(sitting.context, {"ls", "--server", "sampan://a@b"}, Place::shell), 2);
  EXPECT_THAT(sitting.err.str(), HasSubstr("no such option: --server"));
  EXPECT_EQ(dispatch(sitting.context, {"pwd"}, Place::shell), 0);
  EXPECT_EQ(sitting.out.str(), "/\n");
  EXPECT_EQ(dispatch(sitting.context, {"exit"}, Place::shell), 0);
  EXPECT_TRUE(sitting.session.left());
}

TEST_F(Dispatch, TheShellIsLeftByTheWordsThatPeopleTry) {
  for (const char* word : {"exit", "quit", "bye"}) {
    Sitting sitting(shell_commands());
    EXPECT_EQ(dispatch(sitting.context, {word}, Place::shell), 0);
    EXPECT_TRUE(sitting.session.left()) << word;
  }
}

TEST_F(Dispatch, TheShellPointsToItsOwnHelp) {
  Sitting sitting(shell_commands());
  EXPECT_EQ(dispatch(sitting.context, {"ls", "a", "b"}, Place::shell), 2);
  EXPECT_EQ(dispatch(sitting.context, {"nosuch"}, Place::shell), 2);
  EXPECT_THAT(sitting.err.str(), HasSubstr("; see help ls\n"));
  EXPECT_THAT(sitting.err.str(), HasSubstr("; see help\n"));
}

}  // namespace
}  // namespace sampan::cli
