#include <iostream>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/interrupts.h"
#include "cli/program.h"
#include "cli/session.h"
#include "cli/terminal.h"

int main(int count, char** arguments) {
  using namespace sampan::cli;
  const CommandTable commands = program_commands();
  Console console(std::cout, std::cerr, {.in = isatty(0) == 1, .out = isatty(1) == 1, .err = isatty(2) == 1});
  Interrupts interrupts;
  TerminalPerson person(interrupts);
  Session session(person, interrupts);
  // A shell with job control starts what is typed as the leader of a process group; a script's commands are
  // in the script's.
  const bool by_hand = console.terminals().in && getpgrp() == getpid();
  Context context = {commands, console, person, session, by_hand};
  return run_program(context, {arguments + 1, arguments + count});
}
