#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace sampan::wire {

/// Whether the strings of a text must be UTF-8, or may hold any bytes.
enum class JsonStrings { utf8, bytes };

/// One JSON text of a peer, read whole (RFC 8259, nothing beside it): at most 8 levels deep and 64 fields an
/// object, so that no text costs more than its length. Of two equal keys the last counts. The values live as
/// long as this does; a text of a usual header's length needs no heap. One thread at a time.
class JsonDocument {
 public:
  explicit JsonDocument(std::string_view text, JsonStrings strings = JsonStrings::utf8);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  /// bad_request where the text is not JSON, or not within the limits.
  Result<const boost::json::value*> value() const;
  /// The same, and bad_request where it is not an object.
  Result<const boost::json::object*> object() const;

 private:
  std::array<unsigned char, 4096> room_;  // left as it is: the first memory of memory_
  boost::json::monotonic_resource memory_;
  boost::json::error_code error_;  // before value_, whose making sets it
  boost::json::value value_;
};

}  // namespace sampan::wire
