#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "client/connection.h"

namespace sampan::client {

/// Asks for a file: a small one comes at once, whole, in `body`; a large one has `download` and is read by
/// RemotePieces. Nothing else may be outstanding. Throws StreamError where the answer contradicts itself.
net::Task<Result<wire::native::GetReady>> get_file(Connection& connection, std::string remote_path,
                                                   std::vector<std::byte>& body);
/// The reply to a `get` that was sent. The same promises.
net::Task<Result<wire::native::GetReady>> receive_file(Connection& connection, std::vector<std::byte>& body);

/// Reads an open download in pieces, a few of them in flight. Ask, then take, in the same order.
class RemotePieces {
 public:
  /// Of a file that has `download`. Throws StreamError where the server gives no pieces of 1 KiB or more.
  RemotePieces(Connection& connection, const wire::native::GetReady& file);

  /// Bytes of every piece but the last; a multiple of 1 KiB.
  std::uint32_t piece_size() const { return piece_; }
  std::uint64_t piece_count() const { return (size_ + piece_ - 1) / piece_; }

  bool is_full() const { return asked_.size() >= connection_.pieces_in_flight(); }
  bool is_empty() const { return asked_.empty(); }
  net::Task<> ask(std::uint64_t index);
  /// The oldest piece that was asked for, all of it.
  net::Task<Result<>> take(std::vector<std::byte>& bytes);
  /// While something here takes long: keeps what is in flight for later, and the session alive.
  net::Task<> keep_alive();
  /// Lets the server forget the file, whatever became of it.
  net::Task<> end();

 private:
  struct Arrived {
    Result<> outcome;
    std::vector<std::byte> bytes;
  };

  std::uint64_t length_of(std::uint64_t index) const;
  net::Task<Result<>> receive(std::vector<std::byte>& bytes, std::uint64_t length);

  Connection& connection_;
  std::string download_;
  std::uint64_t size_;
  std::uint32_t piece_;
  std::deque<std::uint64_t> asked_;  // lengths of pieces not yet taken
  std::deque<Arrived> arrived_;      // the first of them that are here already
};

}  // namespace sampan::client
