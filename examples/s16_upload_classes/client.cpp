// Lesson 16, the client: reads commands, `put PATH`, and sends the files over one connection.
#include <iostream>
#include <map>
#include <optional>

#include "base/text.h"
#include "lesson/program.h"
#include "net/line_input.h"
#include "s16_upload_classes/words.h"
#include "upload/transfer.h"
#include "wire/tutorial/header.h"

using namespace sampan;

namespace {

constexpr std::chrono::seconds patience{60};

/// The tutorial's MYTCPClient.
class UploadClient {
 public:
  UploadClient(net::ByteStream& stream, std::string program)
      : stream_(stream), program_(std::move(program)) {}

  /// One line of input. What is wrong with it is told; only a lost server throws.
  net::Task<> obey(const std::string& line) {
    const auto words = s16_upload_classes::split_words(line);
    if (!words) co_return complain(words.error().detail());
    if (words->empty()) co_return;
    const auto command = commands.find(words->front());
    if (command == commands.end())
      co_return complain("no such command: " + words->front() + " (try: put PATH)");
    co_await (this->*command->second)(*words);
  }

  const std::optional<Error>& first_failure() const { return first_failure_; }

 private:
  using Words = std::vector<std::string>;
  static const std::map<std::string, net::Task<> (UploadClient::*)(const Words&)> commands;

  net::Task<> put(const Words& words) {
    if (words.size() != 2) co_return complain("put PATH: one path, in quotes if it has spaces");
    const std::string& path = words[1];
    auto file = upload::OutgoingFile::open(path);
    if (!file) co_return give_up(path, file.error());
    const wire::tutorial::RequestHeader request = {
        .command = "put", .file_name = file->name(), .file_size = file->size()};
    const auto header = wire::tutorial::encode_header(request);
    if (!header) co_return give_up(path, header.error());
    const auto sent = co_await upload::send_file(stream_, *header, *file);
    if (!sent) {  // the connection went with it
      const Error lost(sent.error().code(), printable(path));
      throw net::StreamError(lost);
    }
    lesson::say("sent " + printable(file->name()) + " (" + std::to_string(file->size()) + " bytes)");
  }

  void complain(const std::string& what) const { std::cerr << program_ << ": " << printable(what) << '\n'; }
  void give_up(const std::string& path, const Error& why) {
    complain(path + ": " + why.message());
    if (!first_failure_) first_failure_ = why;
  }

  net::ByteStream& stream_;
  std::string program_;
  std::optional<Error> first_failure_;
};

const std::map<std::string, net::Task<> (UploadClient::*)(const UploadClient::Words&)>
    UploadClient::commands = {{"put", &UploadClient::put}};

net::Task<> talk(net::EventLoop& loop, const lesson::Arguments& arguments) {
  const auto stream = co_await net::connect(arguments.endpoint(), patience);
  stream->set_timeout(patience);
  UploadClient client(*stream, arguments.program());
  bool taken = false;
  try {
    net::LineInput input(loop);
    while (const auto line = co_await input.next()) co_await client.obey(*line);
    taken = co_await upload::is_taken(*stream);
  } catch (const net::StreamError& error) {
    if (error.error().code() != ErrorCode::connection_lost) throw;
    const Error refused(ErrorCode::connection_lost, "the server refused something, or is gone");
    throw net::StreamError(refused);
  }
  if (!taken) std::cerr << arguments.program() << ": whether all was stored, the server does not say\n";
  if (client.first_failure()) {
    const Error some(client.first_failure()->code(), "not everything was sent");
    throw net::StreamError(some);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about =
                                   "Reads `put PATH` lines and sends the files, all over one connection."};
  return lesson::run_client(count, arguments, usage, talk);
}
