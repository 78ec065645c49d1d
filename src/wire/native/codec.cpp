#include "wire/native/codec.h"

#include <cassert>

#include "base/encoding.h"
#include "base/text.h"
#include "wire/json_document.h"
#include "wire/native/frame.h"
#include "wire/native/json_reader.h"
#include "wire/native/json_writer.h"

namespace sampan::wire::native {
namespace {

namespace json = boost::json;

constexpr std::size_t usual_frame = 320;
constexpr std::size_t message_max = 2048;  // bytes of an error's text

/// A frame that is being written: room for the prefix, then an open object.
std::string open_frame() {
  std::string frame;
  frame.reserve(usual_frame);
  frame.resize(frame_prefix);
  frame += '{';
  return frame;
}

std::string close_frame(std::string frame) {
  frame += '}';
  const std::size_t length = frame.size() - frame_prefix;
  assert(length <= header_max);
  store_le32(std::as_writable_bytes(std::span(frame)), static_cast<std::uint32_t>(length));
  return frame;
}

template <class Value>
void append(std::string& frame, std::string_view name, const Value& value) {
  append_name(frame, name);
  append_value(frame, value);
}

Fault read_op(const json::object& header, std::string_view& op) {
  const json::value* value = header.if_contains("op");
  if (value == nullptr) return {"op", "is missing"};
  const json::string* text = value->if_string();
  if (text == nullptr) return {"op", "must be a string"};
  op = {text->data(), text->size()};
  return {};
}

// Puts the alternative whose op it is into `operation` and reads it; nullopt where there is none.
template <std::size_t... index>
std::optional<Fault> read_operation(std::string_view op, const json::object& header, Operation& operation,
                                    std::index_sequence<index...>) {
  std::optional<Fault> fault;
  const auto taken = [&]<class T>(std::type_identity<T>) {
    if (shape<T>.op != op) return false;
    fault = read_fields(header, operation.emplace<T>());
    return true;
  };
  static_cast<void>((taken(std::type_identity<std::variant_alternative_t<index, Operation>>{}) || ...));
  return fault;
}

// What is left of a message when the words that the code and the room say already are taken off.
std::string detail_of(std::string_view message, const Error& bare) {
  const std::string said = bare.message();
  if (message == said) return {};
  if (message.starts_with(said) && message.substr(said.size()).starts_with(": "))
    message.remove_prefix(said.size() + 2);
  return std::string(message);
}

Fault read_error(const json::object& header, std::optional<Error>& error) {
  std::string word;
  std::string message;
  Room room;
  const json::value* value = header.if_contains("error");
  if (value == nullptr) return {"error", "is missing"};
  if (Fault fault = read_value(*value, word)) return {"error", fault.problem};
  if (const Fault fault = read_optional(header, "message", message)) return fault;
  const bool with_room = header.contains("needed") && header.contains("used") && header.contains("limit");
  for (const auto& [name, to] :
       {std::pair("needed", &room.needed), {"used", &room.used}, {"limit", &room.limit}})
    if (const Fault fault = read_optional(header, name, *to)) return fault;

  const auto code = error_of_word(word);
  if (!code) {
    error.emplace(ErrorCode::unsupported, "the server's answer \"" + printable(word) + "\": " + message);
  } else if (with_room) {
    error.emplace(*code, room, detail_of(message, Error(*code, room)));
  } else {
    error.emplace(*code, detail_of(message, Error(*code)));
  }
  return {};
}

}  // namespace

std::expected<Request, BadRequest> decode_request(std::string_view header) {
  const JsonDocument document(header);
  const auto fields = document.object();
  if (!fields) return std::unexpected(BadRequest{fields.error()});

  Request request;
  if (const Fault fault = read_optional(**fields, "body", request.body))
    return std::unexpected(BadRequest{Error(ErrorCode::bad_request, fault.text())});
  const auto refused = [&](ErrorCode code, std::string detail) {
    return std::unexpected(BadRequest{Error(code, std::move(detail)), false, request.id, request.body});
  };
  if (const Fault fault = read_optional(**fields, "id", request.id))
    return refused(ErrorCode::invalid, fault.text());
  std::string_view op;
  if (const Fault fault = read_op(**fields, op)) return refused(ErrorCode::invalid, fault.text());
  const auto fault = read_operation(op, **fields, request.operation,
                                    std::make_index_sequence<std::variant_size_v<Operation>>{});
  if (!fault) return refused(ErrorCode::unsupported, "no such operation: " + fit_width(printable(op), 40));
  if (*fault) return refused(ErrorCode::invalid, fault->text());
  return request;
}

std::string encode_request(const Request& request) {
  std::string frame = open_frame();
  const auto with_fields = [&]<class T>(const T& operation) {
    append(frame, "op", shape<T>.op);
    append(frame, "id", request.id);
    if (request.body != 0) append(frame, "body", request.body);
    append_fields(frame, operation);
  };
  std::visit(with_fields, request.operation);
  return close_frame(std::move(frame));
}

template <class T>
std::string encode_reply(std::uint64_t id, const T& reply, std::uint64_t body) {
  std::string frame = open_frame();
  append(frame, "id", id);
  append(frame, "ok", true);
  if (body != 0) append(frame, "body", body);
  append_fields(frame, reply);
  return close_frame(std::move(frame));
}

std::string encode_error(std::uint64_t id, const Error& error) {
  std::string frame = open_frame();
  append(frame, "id", id);
  append(frame, "ok", false);
  append(frame, "error", error_word(error.code()));
  append(frame, "message", std::string_view(error.message()).substr(0, message_max));
  if (error.room()) {
    append(frame, "needed", error.room()->needed);
    append(frame, "used", error.room()->used);
    append(frame, "limit", error.room()->limit);
  }
  return close_frame(std::move(frame));
}

std::string encode_working(std::uint64_t id) {
  std::string frame = open_frame();
  append(frame, "id", id);
  append(frame, "working", true);
  return close_frame(std::move(frame));
}

std::string encode_greeting(const Greeting& greeting) {
  std::string frame = open_frame();
  append_fields(frame, greeting);
  return close_frame(std::move(frame));
}

Result<ReplyHeader> decode_reply_header(std::string_view header) {
  const JsonDocument document(header);
  const auto fields = document.object();
  if (!fields) return std::unexpected(fields.error());
  ReplyHeader reply;
  bool ok = false;
  Fault fault = read_optional(**fields, "working", reply.working);
  if (!fault && !reply.working && !(*fields)->contains("ok"))
    return fail(ErrorCode::bad_request, "a reply has \"ok\"");
  if (!fault) fault = read_optional(**fields, "ok", ok);
  if (!fault) fault = read_optional(**fields, "id", reply.id);
  if (!fault) fault = read_optional(**fields, "body", reply.body);
  if (!fault && !ok && !reply.working) fault = read_error(**fields, reply.error);
  if (!fault && reply.working && reply.body != 0) fault = {"body", "is not for a word in between"};
  if (fault) return fail(ErrorCode::bad_request, fault.text());
  return reply;
}

template <class T>
Result<T> decode_reply(std::string_view header) {
  const JsonDocument document(header);
  const auto fields = document.object();
  if (!fields) return std::unexpected(fields.error());
  T reply;
  if (const Fault fault = read_fields(**fields, reply)) return fail(ErrorCode::bad_request, fault.text());
  return reply;
}

Result<Greeting> decode_greeting(std::string_view header) {
  const JsonDocument document(header);
  const auto fields = document.object();
  if (!fields) return std::unexpected(fields.error());
  Greeting greeting;
  std::uint64_t version = greeting.sampan;
  Fault fault = read_optional(**fields, "sampan", version);
  if (!fault && version != greeting.sampan)
    return fail(ErrorCode::unsupported,
                "the server speaks version " + std::to_string(version) + " of the protocol");
  if (!fault) fault = read_fields(**fields, greeting);
  if (fault) return fail(ErrorCode::bad_request, fault.text());
  return greeting;
}

template <class T>
std::string encode_array(const std::vector<T>& items) {
  std::string body;
  append_items(body, items, items.size());
  return body;
}

template <class T>
Result<std::vector<T>> decode_array(std::string_view body) {
  const JsonDocument document(body);
  const auto value = document.value();
  if (!value) return std::unexpected(value.error());
  std::vector<T> items;
  if (const Fault fault = read_value(**value, items)) return fail(ErrorCode::bad_request, fault.text());
  return items;
}

template std::string encode_reply(std::uint64_t, const Done&, std::uint64_t);
template std::string encode_reply(std::uint64_t, const AuthStep&, std::uint64_t);
template std::string encode_reply(std::uint64_t, const Entry&, std::uint64_t);
template std::string encode_reply(std::uint64_t, const Page&, std::uint64_t);
template std::string encode_reply(std::uint64_t, const DigestReply&, std::uint64_t);
template std::string encode_reply(std::uint64_t, const QuotaReply&, std::uint64_t);
template std::string encode_reply(std::uint64_t, const Receipt&, std::uint64_t);
template std::string encode_reply(std::uint64_t, const UploadReady&, std::uint64_t);
template std::string encode_reply(std::uint64_t, const Uploads&, std::uint64_t);
template std::string encode_reply(std::uint64_t, const GetReady&, std::uint64_t);
template Result<Done> decode_reply(std::string_view);
template Result<AuthStep> decode_reply(std::string_view);
template Result<Entry> decode_reply(std::string_view);
template Result<Page> decode_reply(std::string_view);
template Result<DigestReply> decode_reply(std::string_view);
template Result<QuotaReply> decode_reply(std::string_view);
template Result<Receipt> decode_reply(std::string_view);
template Result<UploadReady> decode_reply(std::string_view);
template Result<Uploads> decode_reply(std::string_view);
template Result<GetReady> decode_reply(std::string_view);
template std::string encode_array(const std::vector<Entry>&);
template std::string encode_array(const std::vector<UploadEntry>&);
template Result<std::vector<Entry>> decode_array(std::string_view);
template Result<std::vector<UploadEntry>> decode_array(std::string_view);

}  // namespace sampan::wire::native
