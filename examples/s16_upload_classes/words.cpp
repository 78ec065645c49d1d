#include "s16_upload_classes/words.h"

namespace sampan::s16_upload_classes {

Result<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    const bool is_white = c == ' ' || c == '\t' || c == '\r';
    if (quote == '\0' && is_white) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else {
      if (c == '\\' && quote != '\'' && i + 1 < line.size()) c = line[++i];
      words.back() += c;
    }
  }
  if (quote != '\0') return fail(ErrorCode::invalid, std::string("a closing ") + quote + " is missing");
  return words;
}

}  // namespace sampan::s16_upload_classes
