// Lesson 16, the server: many files over one connection. See upload_server.h for the conversation, command.h
// for what a command is, put.h for the one there is.
#include "lesson/program.h"
#include "s16_upload_classes/upload_server.h"

using namespace sampan;

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about = "Takes files from clients into a folder, any number over one connection.",
      .options = {{"--dir", "DIR", "the folder; made if it is not there [file_upload]"}}};
  return lesson::run_server(count, arguments, usage, [](lesson::Server& server) {
    const std::string path = server.arguments().value("--dir");
    auto inbox = upload::Inbox::open(path.empty() ? "file_upload" : path);
    if (!inbox) throw net::StreamError(inbox.error());
    const auto uploads = std::make_shared<s16_upload_classes::UploadServer>(std::move(*inbox));
    server.listen(
        [uploads](std::unique_ptr<net::ByteStream> stream) { return uploads->talk(std::move(stream)); });
  });
}
