// Lesson 10, the server: lesson 5's again. What goes wrong here is the reader's doing.
#include "remote_command/server.h"

using namespace sampan;

int main(int count, char** arguments) {
  return remote_command::run_server(
      count, arguments,
      "Runs the commands that clients on this machine send, and answers what they wrote, without a frame.",
      [](std::string_view, std::string_view) { return std::string(); });
}
