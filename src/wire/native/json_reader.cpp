#include "wire/native/json_reader.h"

#include "base/encoding.h"

namespace sampan::wire::native {

namespace json = boost::json;

static_assert(text_max == json_text_max);

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
  if (!fault && to.bytes.size() > text_max) fault = text_too_long;
  if (fault) fault.field = bytes_name;
  return fault;
}

}  // namespace sampan::wire::native
