#include "wire/time/format.h"

#include <array>
#include <clocale>
#include <memory>
#include <type_traits>

#include "base/text.h"

namespace sampan::wire::time {
namespace {

// ISO C's, less %E and %O, which change other directives. All of them make at most 24 bytes of two, but for
// %Z.
constexpr std::string_view directives = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
constexpr std::string_view widths_and_flags = "0123456789_-^#+EO";
constexpr std::size_t piece_max = 64;

// The C locale, whatever the process has set for itself.
locale_t c_locale() {
  using Owner = std::unique_ptr<std::remove_pointer_t<locale_t>, decltype(&freelocale)>;
  static const Owner locale(newlocale(LC_ALL_MASK, "C", nullptr), &freelocale);
  return locale.get();
}

std::string one_directive(char directive, const std::tm& local) {
  const std::array<char, 3> format = {'%', directive, '\0'};
  std::array<char, piece_max> room;
  const std::size_t size = strftime_l(room.data(), room.size(), format.data(), &local, c_locale());
  return {room.data(), size};
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Failure refused_directive(char c) {
  if (widths_and_flags.find(c) != widths_and_flags.npos)
    return fail(ErrorCode::invalid, std::string("%") + c + ": no widths, flags or modifiers");
  if (!is_letter(c)) return fail(ErrorCode::invalid, "a % without a directive");
  return fail(ErrorCode::invalid, std::string("%") + c + " is not a directive here");
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7F;
}

}  // namespace

Result<std::string> format_time(std::string_view format, const std::tm& local) {
  if (format.size() > format_max) return fail(ErrorCode::invalid, "a format of over 512 bytes");
  if (!is_utf8(format)) return fail(ErrorCode::invalid, "a format that is not UTF-8");
  std::string text;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (is_control(format[i])) return fail(ErrorCode::invalid, "a control character in the format");
    if (format[i] != '%') {
      text += format[i];
    } else if (++i == format.size()) {
      return fail(ErrorCode::invalid, "a % at the end");
    } else if (directives.find(format[i]) == directives.npos) {
      return refused_directive(format[i]);
    } else {
      text += one_directive(format[i], local);
    }
  }
  return text;
}

std::string answer_time(std::string_view question, const std::tm& local) {
  const auto refusal = [](const Error& why) { return std::string(refused) + why.detail(); };
  const auto text = format_time(question.empty() ? default_format : question, local);
  if (!text) return refusal(text.error());
  if (text->size() <= answer_max(question.size())) return *text;
  return refusal(Error(ErrorCode::invalid, "the answer would be too long"));
}

}  // namespace sampan::wire::time
