#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sampan::wire::time {

/// What an empty question means.
inline constexpr std::string_view default_format = "%Y-%m-%d %X";
/// The longest question that is looked at, in bytes.
inline constexpr std::size_t format_max = 512;

/// The longest answer to a question of `question` bytes: 512, and on the network never more than three times
/// the question (both with the 28 bytes of their IPv4 and UDP headers), for the sender's address may be
/// somebody else's.
constexpr std::size_t answer_max(std::size_t question) {
  constexpr std::size_t headers = 28;
  const std::size_t thrice = 3 * (question + headers) - headers;
  return thrice < 512 ? thrice : 512;
}

/// strftime with the directives of ISO C and nothing else: no widths, flags or modifiers ("%999Y" alone makes
/// 999 bytes of 5), no control characters but tab and newline; always in the C locale. `local` has its zone
/// with it (tm_gmtoff, tm_zone). invalid, saying what is refused, if the format is not UTF-8 or too long,
/// too.
Result<std::string> format_time(std::string_view format, const std::tm& local);

/// What a refusal begins with.
inline constexpr std::string_view refused = "refused: ";

/// The answer to a question of the tutorial's kind: the time, or `refused` and why; never longer than
/// answer_max(question.size()).
std::string answer_time(std::string_view question, const std::tm& local);

}  // namespace sampan::wire::time
