#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "client/connection.h"

namespace sampan::client {

/// A connection and others beside it, which share the work on one file or one tree. On one loop.
class Lanes {
 public:
  /// Works over one more connection until nothing is left to do. A connection that is lost ends it by
  /// StreamError: it has then given back what it was at.
  using Work = std::function<net::Task<>(Connection& connection)>;

  /// `first`, and what `work` uses, outlive it.
  Lanes(Connection& first, Work work);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  /// Runs the work on the first connection, and whatever was opened beside it, until all have ended.
  /// Throws what ended `on_first`; the others count for nothing. Any number of times.
  net::Task<> run(net::Task<> on_first);

  /// Opens so many more, without waiting for them. For `on_first` to call.
  net::Task<> open_more(std::size_t count);
  /// Opens more for the pieces of a large file where the line is far and loses packets, so that a single
  /// connection gets a small part of what it carries, and `bytes_left` are worth it: once. For `on_first` to
  /// call as often as it likes.
  net::Task<> widen(std::uint64_t bytes_left);

  /// Pieces that may wait for their answer on each connection: together no more than on one.
  std::size_t pieces_each() const;

 private:
  struct State;
  static net::Task<> open(std::shared_ptr<State> state, net::Task<std::unique_ptr<Connection>> opening);
  static net::Task<> serve(std::shared_ptr<State> state, std::shared_ptr<Connection> connection);
  static net::Task<> say_goodbye(std::shared_ptr<Connection> connection);

  Connection& first_;
  std::shared_ptr<State> state_;
  bool widened_ = false;
};

}  // namespace sampan::client
