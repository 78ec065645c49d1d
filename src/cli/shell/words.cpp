#include "cli/shell/words.h"

namespace sampan::cli {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Reads one line; the position only moves forward.
class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  WordSplit split() {
    if (line_.starts_with('#')) return {.words = {}, .last_start = line_.size()};
    while (skip_blanks()) read_word();
    if (!result_.in_word) result_.last_start = line_.size();
    return std::move(result_);
  }

 private:
  bool skip_blanks() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
    return at_ < line_.size();
  }

  void read_word() {
    result_.last_start = at_;
    word_.clear();
    while (at_ < line_.size() && !is_blank(line_[at_])) read_part();
    result_.in_word = at_ == line_.size();
    result_.words.push_back(word_);
  }

  void read_part() {
    const char c = line_[at_++];
    if (c == '\'')
      read_single();
    else if (c == '"')
      read_double();
    else if (c != '\\')
      word_ += c;
    else if (at_ < line_.size())
      word_ += line_[at_++];
    else
      result_.open_quote = '\\';
  }

  void read_single() {
    const std::size_t end = line_.find('\'', at_);
    word_ += line_.substr(at_, end == std::string_view::npos ? end : end - at_);
    if (end == std::string_view::npos) result_.open_quote = '\'';
    at_ = end == std::string_view::npos ? line_.size() : end + 1;
  }

  void read_double() {
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      if (c == '"') return;
      const bool escapes = c == '\\' && at_ < line_.size() && std::string_view("\"\\$`").contains(line_[at_]);
      word_ += escapes ? line_[at_++] : c;
    }
    result_.open_quote = '"';
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::string word_;
  WordSplit result_;
};

}  // namespace

WordSplit split_line(std::string_view line) {
  return Splitter(line).split();
}

Result<std::vector<std::string>> split_words(std::string_view line) {
  WordSplit split = split_line(line);
  if (split.open_quote == '\\') return fail(ErrorCode::invalid, "a backslash with nothing after it");
  if (split.open_quote != 0) return fail(ErrorCode::invalid, std::string("no closing ") + split.open_quote);
  return std::move(split.words);
}

std::string escape_word(std::string_view word) {
  if (word.empty()) return "''";
  std::string escaped;
  for (const char c : word) {
    if (is_blank(c) || std::string_view("'\"\\#$`!*?[]{}()<>|&;~").contains(c)) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace sampan::cli
