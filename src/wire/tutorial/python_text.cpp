#include "wire/tutorial/python_text.h"

#include <optional>

#include "base/text.h"

namespace sampan::wire::tutorial {
namespace {

constexpr std::size_t escape_size = 6;  // \uXXXX
constexpr char32_t stray_base = 0xDC00;

bool is_leading(char32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_trailing(char32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}
bool is_stray_byte(char32_t unit) {
  return unit >= stray_base + 0x80 && unit <= stray_base + 0xFF;
}

void append_escape(std::string& to, char32_t unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  to += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) to += digits[(unit >> shift) & 0xF];
}

void append_character(std::string& to, char32_t value) {
  switch (value) {
    case '"':
      to += "\\\"";
      return;
    case '\\':
      to += "\\\\";
      return;
    case '\b':
      to += "\\b";
      return;
    case '\f':
      to += "\\f";
      return;
    case '\n':
      to += "\\n";
      return;
    case '\r':
      to += "\\r";
      return;
    case '\t':
      to += "\\t";
      return;
    default:
      break;
  }
  if (value >= 0x20 && value < 0x7F) {
    to += static_cast<char>(value);
  } else if (value <= 0xFFFF) {
    append_escape(to, value);
  } else {
    append_escape(to, 0xD800 + ((value - 0x10000) >> 10));
    append_escape(to, 0xDC00 + ((value - 0x10000) & 0x3FF));
  }
}

// The UTF-16 unit of the escape \uXXXX at the start of `text`; nullopt where there is none.
std::optional<char32_t> unit_at(std::string_view text) {
  if (text.size() < escape_size || !text.starts_with("\\u")) return std::nullopt;
  char32_t unit = 0;
  for (const char digit : text.substr(2, 4)) {
    unit *= 16;
    if (digit >= '0' && digit <= '9')
      unit += static_cast<char32_t>(digit - '0');
    else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
      unit += static_cast<char32_t>((digit | 0x20) - 'a' + 10);
    else
      return std::nullopt;
  }
  return unit;
}

}  // namespace

void append_python_string(std::string& to, std::string_view bytes) {
  to += '"';
  while (!bytes.empty()) {
    const Character character = first_character(bytes);
    if (character.valid)
      append_character(to, character.value);
    else
      append_escape(to, stray_base + static_cast<unsigned char>(bytes.front()));
    bytes.remove_prefix(character.bytes);
  }
  to += '"';
}

std::string with_surrogates_as_bytes(std::string_view json) {
  std::string bytes;
  bytes.reserve(json.size());
  while (!json.empty()) {
    std::size_t taken = 1;
    const auto unit = unit_at(json);
    if (unit && is_stray_byte(*unit)) {
      bytes += static_cast<char>(*unit - stray_base);
      json.remove_prefix(escape_size);
      continue;
    }
    if (unit) {
      const auto next = unit_at(json.substr(escape_size));
      taken = is_leading(*unit) && next && is_trailing(*next) ? 2 * escape_size : escape_size;
    } else if (json.front() == '\\' && json.size() > 1) {
      taken = 2;  // what is escaped begins no escape
    }
    bytes += json.substr(0, taken);
    json.remove_prefix(taken);
  }
  return bytes;
}

}  // namespace sampan::wire::tutorial
