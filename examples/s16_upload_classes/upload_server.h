#pragma once

#include <memory>

#include "net/byte_stream.h"
#include "s16_upload_classes/command.h"

namespace sampan::s16_upload_classes {

/// The tutorial's MYTCPServer: conversations of requests, each of which a command answers for.
class UploadServer {
 public:
  explicit UploadServer(upload::Inbox inbox);

  /// One client, from its first request to its end. The connection ends in order if all it asked for was
  /// done, and in a reset otherwise: the format has no other answer.
  net::Task<> talk(std::unique_ptr<net::ByteStream> stream);

 private:
  net::Task<bool> serve_all(net::BufferedReader& reader, const std::string& peer);
  net::Task<Result<std::string>> serve(Session& session, const wire::tutorial::RequestHeader& request);

  upload::Inbox inbox_;
  net::BlockingPool pool_{2};
  CommandTable commands_;
};

}  // namespace sampan::s16_upload_classes
