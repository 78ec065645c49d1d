// Lesson 14, the server: before each answer a header with names, and before the header its length.
#include "remote_command/server.h"

#include "s14_json_header/md5.h"
#include "wire/tutorial/header.h"

using namespace sampan;

namespace {

Result<std::string> head(std::string_view output, std::string_view errors) {
  s14_json_header::Md5 md5;
  md5.update(as_bytes(output));
  md5.update(as_bytes(errors));
  const wire::tutorial::AnswerHeader header = {
      .md5 = md5.finish(), .file_name = "f1.txt", .total_size = output.size() + errors.size()};
  return wire::tutorial::encode_header(header);
}

}  // namespace

int main(int count, char** arguments) {
  return remote_command::run_server(count, arguments,
                                    "Runs the commands that clients on this machine send, and answers a JSON "
                                    "header and what they wrote.",
                                    head);
}
