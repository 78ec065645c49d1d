#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/native/message.h"

namespace sampan::wire::native {

/// What a client takes as the body of list and upload.list; a server's pages stay below.
inline constexpr std::uint64_t array_body_max = 4 * 1024 * 1024;

/// A header that is a request only half: `fatal` where the bytes are not the protocol (the connection ends),
/// else the error goes back under `id` and the body is skipped.
struct BadRequest {
  Error error;
  bool fatal = true;
  std::uint64_t id = 0;
  std::uint64_t body = 0;
};

/// Server side. Unknown fields are ignored; an unknown op is unsupported; a missing field or a wrong type is
/// invalid and names the field.
std::expected<Request, BadRequest> decode_request(std::string_view header);
/// Client side: the whole frame but the body. A path of more than text_max bytes is cut behind the first byte
/// too many: every server refuses it as too long, none takes it for another path.
std::string encode_request(const Request& request);

/// Server side: whole frames but the body. `body` is the bytes that will follow. T: any reply of message.h.
template <class T>
std::string encode_reply(std::uint64_t id, const T& reply, std::uint64_t body = 0);
std::string encode_error(std::uint64_t id, const Error& error);
/// No reply yet: a word in between that the server is still at it.
std::string encode_working(std::uint64_t id);
std::string encode_greeting(const Greeting& greeting);

/// What every reply has.
struct ReplyHeader {
  std::uint64_t id = 0;
  std::uint64_t body = 0;
  std::optional<Error> error;  ///< where "ok" is false
  bool working = false;        ///< the reply itself is still to come
};

/// Client side. bad_request where it is not a reply. An error word that is unknown here (a newer server's)
/// reads as unsupported.
Result<ReplyHeader> decode_reply_header(std::string_view header);
/// The own fields of a reply whose header says "ok". bad_request names the field.
template <class T>
Result<T> decode_reply(std::string_view header);
/// unsupported where the server speaks another version of the protocol.
Result<Greeting> decode_greeting(std::string_view header);

/// Bodies of list (T: Entry) and upload.list (T: UploadEntry). The caller limits what it hands to
/// decode_array; that takes up to some 30 times as much memory, for the duration of the call.
template <class T>
std::string encode_array(const std::vector<T>& items);
template <class T>
Result<std::vector<T>> decode_array(std::string_view body);

}  // namespace sampan::wire::native
