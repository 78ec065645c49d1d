#include "wire/native/json_reader.h"

#include <limits>

#include "base/encoding.h"

namespace sampan::wire::native {
namespace {

namespace json = boost::json;

constexpr Fault too_long{{}, "is longer than 4096 bytes"};
static_assert(text_max == 4096);

std::optional<std::string_view> text_of(const json::value& from) {
  const json::string* text = from.if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view(text->data(), text->size());
}

}  // namespace

std::string Fault::text() const {
  if (field.empty()) return std::string(problem);
  std::string sentence = "\"";
  sentence += field;
  sentence += "\" ";
  sentence += problem;
  return sentence;
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
  if (text->size() > text_max) return too_long;
  to = *text;
  return {};
}

Fault read_value(const json::value& from, Digest& to) {
  const auto text = text_of(from);
  const auto digest = text ? Digest::parse(*text) : std::nullopt;
  if (!digest) return {{}, "must be a digest: \"blake3:\" and 64 hex digits"};
  to = *digest;
  return {};
}

Fault read_value(const json::value& from, FileTime& to) {
  const auto text = text_of(from);
  const auto time = text ? parse_rfc3339(*text) : std::nullopt;
  if (!time) return {{}, "must be a time in UTC as in \"2026-11-24T08:15:00.25Z\""};
  to = *time;
  return {};
}

Fault read_value(const json::value& from, Mode& to) {
  constexpr Fault wrong{{}, "must be permission bits as in \"0644\""};
  const auto text = text_of(from);
  if (!text || text->size() != 4 || text->front() != '0') return wrong;
  std::uint32_t bits = 0;
  for (const char digit : *text) {
    if (digit < '0' || digit > '7') return wrong;
    bits = bits * 8 + static_cast<std::uint32_t>(digit - '0');
  }
  to.bits = bits;
  return {};
}

Fault read_base64(const json::value& from, std::string& to) {
  const auto text = text_of(from);
  auto bytes = text ? decode_base64(*text) : std::nullopt;
  if (!bytes) return {{}, "must be a string in base64"};
  to = *std::move(bytes);
  return {};
}

Fault read_path(const json::object& from, std::string_view name, std::string_view bytes_name, PathText& to) {
  const json::value* text = from.if_contains(name);
  const json::value* bytes = from.if_contains(bytes_name);
  if (text != nullptr && bytes != nullptr) return {bytes_name, "excludes the same field as text"};
  if (text != nullptr) return read_value(*text, to.bytes);
  if (bytes == nullptr) return {name, "is missing"};
  Fault fault = read_base64(*bytes, to.bytes);
  if (!fault && to.bytes.size() > text_max) fault = too_long;
  if (fault) fault.field = bytes_name;
  return fault;
}

}  // namespace sampan::wire::native
