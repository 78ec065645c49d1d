#include "s16_upload_classes/upload_server.h"

#include <iostream>

#include "base/text.h"
#include "lesson/program.h"
#include "net/socket_control.h"
#include "s16_upload_classes/put.h"
#include "upload/transfer.h"

namespace sampan::s16_upload_classes {

UploadServer::UploadServer(upload::Inbox inbox) : inbox_(std::move(inbox)) {
  commands_.add("put", std::make_unique<Put>());
}

net::Task<> UploadServer::talk(std::unique_ptr<net::ByteStream> stream) {
  const std::string peer = stream->peer_address();
  net::BufferedReader reader(*stream);
  bool all_done = false;
  try {
    all_done = co_await serve_all(reader, peer);
  } catch (const net::StreamError& error) {
    std::cerr << peer + ": ended: " + printable(error.what()) + "\n";
  }
  if (!all_done) net::reset(*stream);
}

net::Task<bool> UploadServer::serve_all(net::BufferedReader& reader, const std::string& peer) {
  Session session = {inbox_, pool_, reader};
  bool all_done = true;
  while (const auto json = co_await upload::read_header(reader)) {
    const auto request = wire::tutorial::decode_request_header(*json);
    if (!request) throw net::StreamError(Error(request.error()));
    const auto done = co_await serve(session, *request);
    if (done)
      lesson::say(peer + ": " + *done);
    else
      std::cerr << peer + ": refused: " + printable(done.error().message()) + "\n";
    all_done = all_done && done;
  }
  co_return all_done;
}

net::Task<Result<std::string>> UploadServer::serve(Session& session,
                                                   const wire::tutorial::RequestHeader& request) {
  if (Command* command = commands_.find(request.command)) {
    auto done = co_await command->run(session, request);
    co_return done;
  }
  // Its bytes, if it announced any, are no request.
  co_await session.reader.skip(request.file_size.value_or(0));
  co_return fail(ErrorCode::unsupported, "no such command: \"" + request.command + "\"");
}

}  // namespace sampan::s16_upload_classes
