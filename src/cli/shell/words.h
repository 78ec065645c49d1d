#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sampan::cli {

/// A line cut into words as sh does it: blanks separate, '..' is literal, "..." knows \" \\ \$ and \`, a
/// backslash elsewhere takes the next character as it is. Nothing is expanded. A line whose first character
/// is # is a comment: no words.
struct WordSplit {
  std::vector<std::string> words;
  std::size_t last_start = 0;  ///< where in the line the last word begins, quotes included; the line's size
                               ///< where it ends in a blank
  bool in_word = false;        ///< the line ends within its last word (no blank after it)
  char open_quote = 0;  ///< the quote that nobody closed, or a backslash with nothing after it; 0: none
};

WordSplit split_line(std::string_view line);

/// The words of a complete line. invalid for an open quote or a backslash at the end.
Result<std::vector<std::string>> split_words(std::string_view line);

/// `word` so that split_line gives it back as one word: a backslash before what means something to a shell.
/// What is typed behind it belongs to the same word.
std::string escape_word(std::string_view word);

}  // namespace sampan::cli
