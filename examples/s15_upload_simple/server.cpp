// Lesson 15, the server: one file a connection, into one folder, whole or not at all.
#include <iostream>

#include "base/text.h"
#include "lesson/program.h"
#include "net/socket_control.h"
#include "upload/transfer.h"
#include "wire/tutorial/header.h"

using namespace sampan;

namespace {

struct Shelf {
  upload::Inbox inbox;
  net::BlockingPool pool{2};  // a disk may keep whoever writes waiting; the loop must not
};

net::Task<Result<std::string>> receive_file(Shelf& shelf, net::BufferedReader& reader) {
  const auto json = co_await upload::read_header(reader);
  if (!json) throw net::StreamError(ErrorCode::connection_lost);
  const auto header = wire::tutorial::decode_file_header(*json);
  if (!header) co_return fail(header.error());
  const auto expect = [&] { return shelf.inbox.expect(header->file_name, header->file_size); };
  auto arrival = co_await shelf.pool.run(expect);
  if (!arrival) co_return fail(arrival.error());
  const auto received = co_await upload::receive(reader, shelf.pool, *arrival);
  if (!received) co_return fail(received.error());
  const auto commit = [&] { return arrival->commit(); };
  const auto stored = co_await shelf.pool.run(commit);
  if (!stored) co_return fail(stored.error());
  co_return printable(header->file_name) + " (" + std::to_string(header->file_size) + " bytes)";
}

net::Task<> talk(std::shared_ptr<Shelf> shelf, std::unique_ptr<net::ByteStream> stream) {
  const std::string peer = stream->peer_address();
  net::BufferedReader reader(*stream);
  std::string why;
  try {
    const auto stored = co_await receive_file(*shelf, reader);
    if (stored) {
      lesson::say(peer + ": stored " + *stored);
      co_return;  // the connection ends in order: the only yes that the format has
    }
    why = stored.error().message();
  } catch (const net::StreamError& error) {
    why = error.what();
  }
  std::cerr << peer + ": refused: " + printable(why) + "\n";
  net::reset(*stream);  // and this is the only no
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about = "Takes one file from each client into a folder.",
      .port = 8001,
      .options = {{"--dir", "DIR", "the folder; made if it is not there [uploads]"}}};
  return lesson::run_server(count, arguments, usage, [](lesson::Server& server) {
    const std::string path = server.arguments().value("--dir");
    auto inbox = upload::Inbox::open(path.empty() ? "uploads" : path);
    if (!inbox) throw net::StreamError(inbox.error());
    auto shelf = std::make_shared<Shelf>(std::move(*inbox));
    server.listen(
        [shelf](std::unique_ptr<net::ByteStream> stream) { return talk(shelf, std::move(stream)); });
  });
}
