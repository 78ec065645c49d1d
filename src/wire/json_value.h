#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

/// The plain values of a peer's JSON, each checked before it is one of ours.
namespace sampan::wire {

/// Bytes of the longest string that a field may hold: the longest path of the system.
inline constexpr std::size_t json_text_max = 4096;

/// What is wrong with a message: a static text, a field's name and a static text. Nothing is wrong where
/// `problem` is empty.
struct Fault {
  std::string_view field;  ///< empty: the value itself
  std::string_view problem;
  explicit operator bool() const { return !problem.empty(); }
  /// `"size" must be a whole number from 0 to 2^63-1`.
  std::string text() const;
};

extern const Fault text_too_long;

/// The string's bytes, which live as long as `from` does; nullopt where it is no string.
std::optional<std::string_view> text_of(const boost::json::value& from);

Fault read_value(const boost::json::value& from, std::uint64_t& to);
Fault read_value(const boost::json::value& from, bool& to);
Fault read_value(const boost::json::value& from, std::string& to);

/// One field of an object. A fault where it is missing.
template <class Value>
Fault read_required(const boost::json::object& from, std::string_view name, Value& to) {
  const auto* value = from.if_contains(name);
  Fault fault = value == nullptr ? Fault{{}, "is missing"} : read_value(*value, to);
  if (fault) fault.field = name;
  return fault;
}

/// The same, and `to` is left as it is where the field is missing.
template <class Value>
Fault read_optional(const boost::json::object& from, std::string_view name, Value& to) {
  const auto* value = from.if_contains(name);
  Fault fault = value == nullptr ? Fault{} : read_value(*value, to);
  if (fault) fault.field = name;
  return fault;
}

}  // namespace sampan::wire
