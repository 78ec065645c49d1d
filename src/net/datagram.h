#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "net/endpoint.h"
#include "net/event_loop.h"
#include "net/socket_address.h"
#include "net/task.h"

namespace sampan::net {

/// The two ends of a datagram. Its answer goes the other way.
struct Route {
  SocketAddress peer;
  /// Which of our addresses was asked, where the socket has several (bound to 0.0.0.0 or [::]).
  std::optional<SocketAddress> ours;
};

/// A datagram as it arrived. Whole or not at all, in any order, perhaps twice; `route.peer` is what the
/// sender claims.
struct Datagram {
  ByteView bytes;        ///< in the receiver's room: all of it, or its beginning
  std::size_t size = 0;  ///< as it was sent: more than bytes.size() where the room was too small
  Route route;
  std::chrono::sys_time<std::chrono::nanoseconds> arrived{};  ///< when the kernel took it in

  bool is_cut() const { return size > bytes.size(); }
};

/// A UDP or UNIX datagram socket on an event loop. Every call on the loop's thread; sending and receiving may
/// go on side by side. When it goes, or by abort(), whoever waits in it gets StreamError thrown.
class DatagramSocket {
 public:
  /// The largest payload over IPv4. Beyond some 1,200 bytes the network cuts a datagram into pieces, all of
  /// which must arrive.
  static constexpr std::size_t bytes_max = 65'507;

  /// Receives from anybody. Port 0 takes a free one; a UNIX path is made with mode 0600 and a stale one
  /// replaced. exists, denied, invalid or not_found, naming the endpoint.
  static Result<DatagramSocket> bind(EventLoop& loop, const Endpoint& endpoint);
  /// Talks with one peer: the kernel drops what comes from elsewhere. Sends nothing, so it cannot know
  /// whether anybody is there. Takes the first address of a name. not_found or connection_lost.
  static Result<DatagramSocket> connect(EventLoop& loop, const Endpoint& endpoint);
  DatagramSocket(DatagramSocket&&) noexcept;
  DatagramSocket& operator=(DatagramSocket&&) noexcept;
  ~DatagramSocket();  ///< removes the UNIX path it was bound to

  /// Its own address, with the port that was really taken.
  const Endpoint& endpoint() const;

  /// The next datagram, however long it takes.
  Task<Datagram> receive(ByteSpan room);
  /// The next datagram, or why there is none: timed_out after `limit`; connection_lost where the peer's
  /// machine says that nobody listens (connect()ed sockets only; a hint, ask again later).
  Task<Result<Datagram>> receive_within(ByteSpan room, std::chrono::milliseconds limit);

  /// Hands one datagram to the kernel, which promises nothing more. invalid (too long) or connection_lost (no
  /// way there, or a hint as above about an earlier one); the socket goes on either way.
  Task<Result<>> send(ByteView bytes);                        ///< on a connect()ed socket
  Task<Result<>> answer(const Route& route, ByteView bytes);  ///< to whom a datagram came from

  /// Any number of times; the first reason stands.
  void abort(Error why) noexcept;

 private:
  struct State;
  explicit DatagramSocket(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;  // shared with the calls in progress
};

}  // namespace sampan::net
