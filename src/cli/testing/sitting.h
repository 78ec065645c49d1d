#pragma once

#include <deque>
#include <sstream>
#include <string>

#include "cli/command_table.h"
#include "cli/console.h"
#include "cli/session.h"

namespace sampan::cli::testing {

/// Answers from a list; nobody is present once it is empty.
struct ScriptedPerson final : Person {
  std::deque<std::string> answers;
  std::string asked;

  bool present() const override { return !answers.empty(); }
  Result<std::string> ask(std::string_view question) override {
    asked += question;
    if (answers.empty()) return fail(ErrorCode::denied, "nobody is here");
    std::string answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
  Result<Secret> ask_secret(std::string_view question) override {
    auto answer = ask(question);
    if (!answer) return fail(answer.error());
    return Secret(std::move(*answer));
  }
};

/// Everything that a command works with, and what it said.
struct Sitting {
  explicit Sitting(CommandTable table) : commands(std::move(table)) {}

  CommandTable commands;
  std::ostringstream out, err;
  Console console{out, err, {}};
  ScriptedPerson person;
  Interrupts interrupts;
  Session session{person, interrupts};
  Context context{commands, console, person, session};
};

}  // namespace sampan::cli::testing
