#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "client/connection.h"

namespace sampan::client {

/// Lists directories, several questions on their way at once, so that a tree does not cost a round trip for
/// each of its directories. Nothing else may be outstanding on the connection while something is asked. On
/// its loop.
class DirectoryLister {
 public:
  using Entries = std::vector<wire::native::Entry>;

  explicit DirectoryLister(Connection& connection) : connection_(connection) {}

  /// No more may be asked before one is taken.
  bool is_full() const { return listings_.size() >= asked_most; }
  bool is_empty() const { return listings_.empty(); }

  /// Asks for a directory; is_full() must be false.
  net::Task<> ask(std::string path);
  /// All entries of the one that was asked for first and not taken yet, sorted by the bytes of their names.
  net::Task<Result<Entries>> take();

 private:
  struct Listing {
    wire::native::List request;  // the next page's
    Entries entries;
    std::size_t empty_pages = 0;  // in a row
    std::optional<Error> error;
    bool complete = false;
  };

  net::Task<> send(std::shared_ptr<Listing> listing);
  net::Task<> receive_page();
  static void add(Listing& listing, const Result<wire::native::Page>& page, ByteView body);

  // The answers wait in the sockets, a page of each at most; the questions are short enough never to.
  static constexpr std::size_t asked_most = 16;

  Connection& connection_;
  std::deque<std::shared_ptr<Listing>> listings_;  // in the order in which they are taken
  std::deque<std::shared_ptr<Listing>> pages_;     // whose page each answer is that is still to come
};

}  // namespace sampan::client
