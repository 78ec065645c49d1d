// Lesson 5, the server: runs a command, answers what it wrote. What an answer looks like here: like nothing
// at all. Where it begins and ends is for the client to guess.
#include "remote_command/server.h"

using namespace sampan;

int main(int count, char** arguments) {
  return remote_command::run_server(
      count, arguments,
      "Runs the commands that clients on this machine send, and answers what they wrote, without a frame.",
      [](std::string_view, std::string_view) { return std::string(); });
}
