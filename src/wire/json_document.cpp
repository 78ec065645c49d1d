#include "wire/json_document.h"

#include <cstdint>
#include <span>

#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value_stack.hpp>

namespace sampan::wire {
namespace {

namespace json = boost::json;

constexpr std::size_t depth_max = 8;

// Boost.JSON's own handler but for one limit: an object's size. Its hash table takes the memory's address for
// its salt, which a stranger can guess well enough to make thousands of keys meet in one bucket.
class ValueBuilder {
 public:
  static constexpr std::size_t max_object_size = 64;
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = 256;
  static constexpr std::size_t max_string_size = json::string::max_size();

  ValueBuilder(json::storage_ptr memory, std::span<unsigned char> room)
      : stack_(json::storage_ptr(), room.data(), room.size()) {
    stack_.reset(std::move(memory));
  }
  json::value release() { return stack_.release(); }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t count, json::error_code&) { return stack_.push_object(count), true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t count, json::error_code&) { return stack_.push_array(count), true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    return stack_.push_chars(part), true;
  }
  bool on_key(json::string_view rest, std::size_t, json::error_code&) { return stack_.push_key(rest), true; }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    return stack_.push_chars(part), true;
  }
  bool on_string(json::string_view rest, std::size_t, json::error_code&) {
    return stack_.push_string(rest), true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code&) {
    return stack_.push_int64(number), true;
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code&) {
    return stack_.push_uint64(number), true;
  }
  bool on_double(double number, json::string_view, json::error_code&) {
    return stack_.push_double(number), true;
  }
  bool on_bool(bool truth, json::error_code&) { return stack_.push_bool(truth), true; }
  bool on_null(json::error_code&) { return stack_.push_null(), true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  json::value_stack stack_;
};

json::value parse(std::string_view text, JsonStrings strings, const json::storage_ptr& memory,
                  json::error_code& error) {
  std::array<unsigned char, 2048> room;
  json::parse_options options;
  options.max_depth = depth_max;
  options.allow_invalid_utf8 = strings == JsonStrings::bytes;
  json::basic_parser<ValueBuilder> parser(options, memory, std::span(room));
  const std::size_t taken = parser.write_some(false, text.data(), text.size(), error);
  if (!error && taken < text.size()) error = json::error::extra_data;
  if (error) return {};
  return parser.handler().release();
}

}  // namespace

JsonDocument::JsonDocument(std::string_view text, JsonStrings strings)
    : memory_(room_.data(), room_.size()), value_(parse(text, strings, &memory_, error_)) {}

Result<const json::value*> JsonDocument::value() const {
  if (error_) return fail(ErrorCode::bad_request, "not JSON: " + error_.message());
  return &value_;
}

Result<const json::object*> JsonDocument::object() const {
  const auto whole = value();
  if (!whole) return std::unexpected(whole.error());
  if (const json::object* fields = (*whole)->if_object()) return fields;
  return fail(ErrorCode::bad_request, "not a JSON object");
}

}  // namespace sampan::wire
