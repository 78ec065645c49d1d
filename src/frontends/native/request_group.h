#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/native/codec.h"

namespace sampan::frontends {

/// A request that is here with its whole body.
struct WholeRequest {
  wire::native::Request request;
  std::vector<std::byte> body;

  template <class Message>
  const Message& message() const {
    return std::get<Message>(request.operation);
  }
};

/// Requests of one kind, in the order in which they came, whose wishes become one storage call.
template <class Item>
struct RequestGroup {
  /// `item_of(const WholeRequest&)` gives what one wants, or why it is refused at once.
  template <class ItemOf>
  RequestGroup(const std::vector<WholeRequest>& requests, const ItemOf& item_of) {
    for (const WholeRequest& member : requests) {
      Result<Item> item = item_of(member);
      ids.push_back(member.request.id);
      refused.push_back(item ? std::nullopt : std::optional(item.error()));
      if (item) items.push_back(std::move(*item));
    }
  }

  /// The frames of all answers. `outcomes` are Results, one for each of `items`; `reply_of` makes a message
  /// of one that is no error.
  template <class Outcome, class ReplyOf>
  std::vector<std::string> answers(const std::vector<Outcome>& outcomes, const ReplyOf& reply_of) const {
    std::vector<std::string> frames;
    auto outcome = outcomes.begin();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::optional<Error> error = refused[i]  ? refused[i]
                                         : !*outcome ? std::optional(outcome->error())
                                                     : std::nullopt;
      frames.push_back(error ? wire::native::encode_error(ids[i], *error)
                             : wire::native::encode_reply(ids[i], reply_of(*outcome)));
      if (!refused[i]) ++outcome;
    }
    return frames;
  }

  std::vector<std::uint64_t> ids;
  std::vector<std::optional<Error>> refused;
  std::vector<Item> items;  ///< of those that are not refused
};

}  // namespace sampan::frontends
