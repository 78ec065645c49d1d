#include "wire/native/json_writer.h"

#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/text.h"

namespace sampan::wire::native {
namespace {

// RFC 8259 section 7. `text` is UTF-8.
void append_string(std::string& to, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  to += '"';
  std::size_t plain = 0;  // where the bytes begin that go over as they are
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    to += text.substr(plain, i - plain);
    plain = i + 1;
    if (byte >= 0x20) {
      to += '\\';
      to += text[i];
    } else {
      to += "\\u00";
      to += digits[byte >> 4];
      to += digits[byte & 15];
    }
  }
  to += text.substr(plain);
  to += '"';
}

}  // namespace

void append_name(std::string& to, std::string_view name) {
  if (to.back() != '{') to += ',';
  to += '"';
  to += name;
  to += "\":";
}

void append_value(std::string& to, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  to.append(digits.data(), end);
}

void append_value(std::string& to, bool truth) {
  to += truth ? "true" : "false";
}

void append_value(std::string& to, const std::string& text) {
  append_value(to, std::string_view(text));
}

void append_value(std::string& to, std::string_view text) {
  if (is_utf8(text))
    append_string(to, text);
  else
    append_string(to, to_utf8(text));
}

void append_value(std::string& to, const Digest& digest) {
  append_string(to, digest.text());
}

void append_value(std::string& to, const FileTime& time) {
  append_string(to, format_rfc3339(time));
}

void append_value(std::string& to, const Mode& mode) {
  const auto digit = [&](unsigned shift) { return static_cast<char>('0' + ((mode.bits >> shift) & 7)); };
  to += {'"', '0', digit(6), digit(3), digit(0), '"'};
}

void append_base64(std::string& to, const std::string& bytes) {
  to += '"';
  to += encode_base64(as_bytes(bytes));
  to += '"';
}

void append_path(std::string& to, std::string_view name, std::string_view bytes_name, const PathText& path) {
  const std::string_view bytes = std::string_view(path.bytes).substr(0, text_max + 1);
  if (is_utf8(bytes)) {
    append_name(to, name);
    append_string(to, bytes);
  } else {
    append_name(to, bytes_name);
    to += '"';
    to += encode_base64(as_bytes(bytes));
    to += '"';
  }
}

}  // namespace sampan::wire::native
