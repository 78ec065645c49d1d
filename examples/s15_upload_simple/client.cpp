// Lesson 15, the client: sends one file under a name, and nothing else about it.
#include <iostream>

#include "base/text.h"
#include "lesson/program.h"
#include "upload/transfer.h"
#include "wire/tutorial/header.h"

using namespace sampan;

namespace {

constexpr std::chrono::seconds patience{60};

[[noreturn]] void give_up(const std::string& path, const Error& why) {
  throw net::StreamError(
      Error(why.code(), printable(path) + (why.detail().empty() ? "" : ": " + why.detail())));
}

net::Task<> talk(net::EventLoop&, const lesson::Arguments& arguments) {
  const std::string path = arguments.word("FILE");
  auto file = upload::OutgoingFile::open(path);
  if (!file) give_up(path, file.error());
  const std::string name = arguments.has("--name") ? arguments.value("--name") : file->name();

  // The tutorial's header has a place for the sender's own path. It is nobody's business: the name again.
  const wire::tutorial::FileHeader described = {
      .file_path = name, .file_name = name, .file_size = file->size()};
  const auto header = wire::tutorial::encode_header(described);
  if (!header) give_up(path, header.error());

  const auto stream = co_await net::connect(arguments.endpoint(), patience);
  stream->set_timeout(patience);
  bool taken = false;
  try {
    const auto sent = co_await upload::send_file(*stream, *header, *file);
    if (!sent) give_up(path, sent.error());
    taken = co_await upload::is_taken(*stream);
  } catch (const net::StreamError& error) {
    if (error.error().code() != ErrorCode::connection_lost) throw;
    give_up(path, Error(ErrorCode::connection_lost, "the server refused it, or is gone"));
  }
  if (!taken) std::cerr << arguments.program() << ": sent; whether it was stored, the server does not say\n";
  lesson::say("sent " + printable(name) + " (" + std::to_string(file->size()) + " bytes)");
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about = "Sends one file.",
      .port = 8001,
      .options = {{"--name", "NAME", "what to call it over there [the file's own name]"}},
      .words = {{"FILE", "", "what to send"}}};
  return lesson::run_client(count, arguments, usage, talk);
}
