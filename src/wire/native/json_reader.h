#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "wire/json_value.h"
#include "wire/native/fields.h"

/// JSON values into messages, as fields.h describes them.
namespace sampan::wire::native {

using wire::Fault;
using wire::read_value;  // before the templates below, which choose among all of them

Fault read_value(const boost::json::value& from, Digest& to);
Fault read_value(const boost::json::value& from, FileTime& to);
Fault read_value(const boost::json::value& from, Mode& to);
Fault read_base64(const boost::json::value& from, std::string& to);
/// From `name` or, in base64, from `bytes_name`: exactly one of them.
Fault read_path(const boost::json::object& from, std::string_view name, std::string_view bytes_name,
                PathText& to);

/// Every field of a message; the first fault ends it, `to` is then half read. Fields that it does not have
/// are ignored.
template <Described Message>
Fault read_fields(const boost::json::object& from, Message& to);

template <Described Message>
Fault read_value(const boost::json::value& from, Message& to) {
  const auto* fields = from.if_object();
  return fields == nullptr ? Fault{{}, "must be an object"} : read_fields(*fields, to);
}

template <class Item>
Fault read_value(const boost::json::value& from, std::vector<Item>& to) {
  const auto* items = from.if_array();
  if (items == nullptr) return {{}, "must be an array"};
  // No reserve: a list of two million zeros ends at the first of them.
  for (const auto& item : *items)
    if (const Fault fault = read_value(item, to.emplace_back())) return fault;
  return {};
}

template <class Value>
struct OptionalOf {
  using type = Value;
  static constexpr bool optional = false;
};
template <class Value>
struct OptionalOf<std::optional<Value>> {
  using type = Value;
  static constexpr bool optional = true;
};

template <class Message, class Description>
Fault read_field(const boost::json::object& from, Message& to, const Description& field) {
  auto& member = to.*field.member;
  using Member = std::remove_reference_t<decltype(member)>;
  Fault fault;
  if constexpr (std::is_same_v<Member, PathText>) {
    fault = read_path(from, field.name, field.bytes_name, member);
  } else {
    const auto* value = from.if_contains(field.name);
    if (value == nullptr) {
      if (!OptionalOf<Member>::optional) fault.problem = "is missing";
    } else if constexpr (Description::spelling == Spelling::base64) {
      fault = read_base64(*value, member);
    } else if constexpr (OptionalOf<Member>::optional) {
      fault = read_value(*value, member.emplace());
    } else {
      fault = read_value(*value, member);
    }
  }
  if (fault && fault.field.empty()) fault.field = field.name;
  return fault;
}

template <Described Message>
Fault read_fields(const boost::json::object& from, Message& to) {
  Fault fault;
  const auto fine = [&](const auto& field) { return !(fault = read_field(from, to, field)); };
  std::apply([&](const auto&... field) { static_cast<void>((fine(field) && ...)); }, shape<Message>.fields);
  return fault;
}

}  // namespace sampan::wire::native
