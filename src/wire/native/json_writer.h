#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "wire/native/fields.h"

/// Messages into JSON text, as fields.h describes them: compact, fields in the order of the table, always
/// valid JSON.
namespace sampan::wire::native {

void append_value(std::string& to, std::uint64_t number);
void append_value(std::string& to, bool truth);
/// Bytes that are not UTF-8 become U+FFFD.
void append_value(std::string& to, const std::string& text);
void append_value(std::string& to, std::string_view text);
void append_value(std::string& to, const Digest& digest);
void append_value(std::string& to, const FileTime& time);
void append_value(std::string& to, const Mode& mode);
void append_base64(std::string& to, const std::string& bytes);
/// One field, under `name` or `bytes_name`; cut behind byte text_max + 1 (see codec.h).
void append_path(std::string& to, std::string_view name, std::string_view bytes_name, const PathText& path);

/// The separator from what came before in the object, then `"name":`.
void append_name(std::string& to, std::string_view name);

/// Every field of a message that is there, into an object that is open.
template <Described Message>
void append_fields(std::string& to, const Message& message);

template <Described Message>
void append_value(std::string& to, const Message& message) {
  to += '{';
  append_fields(to, message);
  to += '}';
}

/// At most `count` of the items.
template <class Item>
void append_items(std::string& to, const std::vector<Item>& items, std::size_t count) {
  to += '[';
  for (std::size_t i = 0; i < items.size() && i < count; ++i) {
    if (i != 0) to += ',';
    append_value(to, items[i]);
  }
  to += ']';
}

template <class Description, class Value>
void append_field(std::string& to, const Description& field, const Value& value) {
  if constexpr (std::is_same_v<Value, PathText>) {
    append_path(to, field.name, field.bytes_name, value);
  } else {
    append_name(to, field.name);
    if constexpr (Description::spelling == Spelling::base64) {
      append_base64(to, value);
    } else if constexpr (std::is_same_v<Value, std::vector<Run>>) {
      append_items(to, value, runs_max);
    } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
      append_items(to, value, value.size());
    } else {
      append_value(to, value);
    }
  }
}

template <class Description, class Value>
void append_field(std::string& to, const Description& field, const std::optional<Value>& value) {
  if (value) append_field(to, field, *value);
}

template <Described Message>
void append_fields(std::string& to, const Message& message) {
  std::apply([&](const auto&... field) { (append_field(to, field, message.*field.member), ...); },
             shape<Message>.fields);
}

}  // namespace sampan::wire::native
