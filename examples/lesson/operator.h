#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sampan::lesson {

/// The person at a server's keyboard: which messages wait for an answer, and for whom a typed line is.
/// Clients are known by their addresses; how something gets to one is the server's business.
class Operator {
 public:
  /// What may wait, of one client and of all together: a flood of messages must not fill the memory, nor one
  /// client the queue. Beyond that a message is only shown.
  static constexpr std::size_t waiting_of_one_max = 100;
  static constexpr std::size_t waiting_max = 10'000;

  /// `client` can be written to from now on, before it has said anything. (A message says so too.)
  void arrived(const std::string& client);
  /// A message came from `client`. False if it will not be waited for.
  bool heard(const std::string& client);
  /// Nothing more goes to `client`; what it said waits no longer.
  void left(const std::string& client);

  struct Answer {
    std::string client;
    std::string text;  ///< as typed
  };
  /// A typed line: for the oldest message that waits, or, as "@ADDRESS text", for that client (and then for
  /// its oldest message, if one waits). not_found, if nobody waits or nobody has that address. The message is
  /// answered only by answered().
  Result<Answer> meant_by(std::string_view line) const;
  void answered(const Answer& answer);

 private:
  std::deque<std::string> waiting_;             // the client of each message, oldest first
  std::map<std::string, std::size_t> clients_;  // all that are there, with how many messages wait
};

}  // namespace sampan::lesson
