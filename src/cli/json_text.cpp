#include "cli/json_text.h"

#include <boost/json/serialize.hpp>

#include "base/encoding.h"
#include "base/text.h"

namespace sampan::cli {

void put_text(boost::json::object& object, std::string_view key, std::string_view text) {
  object[key] = to_utf8(text);
  if (!is_utf8(text)) object[std::string(key) + "_bytes"] = encode_base64(as_bytes(text));
}

boost::json::value number_or_null(const std::optional<std::uint64_t>& number) {
  if (!number) return nullptr;
  return *number;
}

std::string json_line(const boost::json::value& document) {
  return boost::json::serialize(document) + "\n";
}

}  // namespace sampan::cli
