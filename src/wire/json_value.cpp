#include "wire/json_value.h"

namespace sampan::wire {

namespace json = boost::json;

const Fault text_too_long{{}, "is longer than 4096 bytes"};
static_assert(json_text_max == 4096);

std::string Fault::text() const {
  if (field.empty()) return std::string(problem);
  std::string sentence = "\"";
  sentence += field;
  sentence += "\" ";
  sentence += problem;
  return sentence;
}

std::optional<std::string_view> text_of(const json::value& from) {
  const json::string* text = from.if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view(text->data(), text->size());
}

Fault read_value(const json::value& from, std::uint64_t& to) {
  const std::int64_t* number = from.if_int64();
  if (number == nullptr || *number < 0) return {{}, "must be a whole number from 0 to 2^63-1"};
  to = static_cast<std::uint64_t>(*number);
  return {};
}

Fault read_value(const json::value& from, bool& to) {
  const bool* truth = from.if_bool();
  if (truth == nullptr) return {{}, "must be true or false"};
  to = *truth;
  return {};
}

Fault read_value(const json::value& from, std::string& to) {
  const auto text = text_of(from);
  if (!text) return {{}, "must be a string"};
  if (text->size() > json_text_max) return text_too_long;
  to = *text;
  return {};
}

}  // namespace sampan::wire
