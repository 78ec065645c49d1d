#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/byte_stream.h"
#include "net/endpoint.h"
#include "net/event_loop.h"

namespace sampan::net {

/// Connects to an endpoint, trying each address that its name has. Throws StreamError: connection_lost or
/// timed_out, naming the endpoint.
Task<std::unique_ptr<ByteStream>> connect(Endpoint endpoint, std::chrono::milliseconds timeout);

/// Two connected ends in memory on one loop, for tests.
std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> stream_pair(EventLoop& loop);

/// A listening socket. Accepts from construction on; connections go round the loops.
class Listener {
 public:
  /// Called on the loop that the new connection belongs to.
  using OnConnection = std::function<void(EventLoop& loop, std::unique_ptr<ByteStream> stream)>;

  /// Binds and listens (backlog 4096). A UNIX path is made with mode 0600; a stale one that nobody listens on
  /// is replaced. Fails with exists (address in use), denied or invalid, naming the endpoint.
  static Result<std::unique_ptr<Listener>> open(const Endpoint& endpoint, EventLoops& loops,
                                                OnConnection on_connection);
  ~Listener();  ///< stops accepting; removes its UNIX path

  /// With the port that was really taken.
  const Endpoint& endpoint() const;
  /// No new connections from now on. Any thread; returns once no further OnConnection can begin.
  void stop();

 private:
  struct State;
  explicit Listener(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace sampan::net
