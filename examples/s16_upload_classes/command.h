#pragma once

#include <map>
#include <memory>
#include <string>

#include "net/blocking_pool.h"
#include "net/buffered_reader.h"
#include "upload/inbox.h"
#include "wire/tutorial/header.h"

namespace sampan::s16_upload_classes {

/// What a command works with.
struct Session {
  const upload::Inbox& inbox;
  net::BlockingPool& pool;
  net::BufferedReader& reader;
};

/// Something that a client may ask for. A new command is a class of its own and one line in
/// UploadServer's constructor.
class Command {
 public:
  virtual ~Command() = default;
  /// Takes everything that belongs to the request from the reader, also where it refuses it: what follows is
  /// the next request. Gives a line for the operator. Throws StreamError where the peer is lost, or where
  /// nobody can tell what belongs to the request.
  virtual net::Task<Result<std::string>> run(Session& session,
                                             const wire::tutorial::RequestHeader& request) = 0;
};

/// The commands that there are. What is not in it does not exist, however it is called: the tutorial's server
/// looked for a method of that name, and had "__init__".
class CommandTable {
 public:
  void add(std::string name, std::unique_ptr<Command> command);
  Command* find(const std::string& name) const;

 private:
  std::map<std::string, std::unique_ptr<Command>> commands_;
};

}  // namespace sampan::s16_upload_classes
