#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace sampan::cli {

/// Puts `text` under `key`; where it is not UTF-8 with U+FFFD for what is not, and the exact bytes in base64
/// under `key`_bytes.
void put_text(boost::json::object& object, std::string_view key, std::string_view text);

/// A number, or null for none.
boost::json::value number_or_null(const std::optional<std::uint64_t>& number);

/// The document in one line, with its newline.
std::string json_line(const boost::json::value& document);

}  // namespace sampan::cli
