#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sampan {

struct Character {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

/// The UTF-8 character at the start of `text`, which is not empty; an invalid one is one byte long.
Character first_character(std::string_view text);

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// `text` with every byte that is not part of a valid UTF-8 character replaced by U+FFFD.
std::string to_utf8(std::string_view text);

/// `text` safe to show: control characters, escapes, bidirectional marks and bytes that are not UTF-8 as \n,
/// \t or \xHH. For logs and terminals; a name from a peer must never reach either without it.
std::string printable(std::string_view text);

/// The longest start of `text` of at most `limit` (over 3) bytes that cuts no UTF-8 character in two.
std::string_view whole_characters(std::string_view text, std::size_t limit);

/// Columns that valid UTF-8 takes on a terminal: 0 for combining, 2 for wide characters (CJK, emoji).
std::size_t display_width(std::string_view text);

/// The start of `text` that fits into `columns`, with "…" for what is left out.
std::string fit_width(std::string_view text, std::size_t columns);

}  // namespace sampan
