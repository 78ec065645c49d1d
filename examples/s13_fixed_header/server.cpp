// Lesson 13, the server: before each answer its length, in four bytes.
#include "remote_command/server.h"

#include "wire/tutorial/length.h"

using namespace sampan;

int main(int count, char** arguments) {
  return remote_command::run_server(
      count, arguments,
      "Runs the commands that clients on this machine send, and answers a length of four bytes and what they "
      "wrote.",
      [](std::string_view output, std::string_view errors) {
        return wire::tutorial::encode_length(output.size() + errors.size());
      });
}
