#include "base/file_time.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace sampan {
namespace {

// Years that four digits can say; times outside are clamped when written.
constexpr std::int64_t first_second = -62'167'219'200;  // 0000-01-01T00:00:00Z
constexpr std::int64_t last_second = 253'402'300'799;   // 9999-12-31T23:59:59Z

// Reads exactly `digits` digits at `at`; moves on. -1 where there are none.
int number_at(std::string_view text, std::size_t& at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  int value = 0;
  for (std::size_t end = at + digits; at < end; ++at) {
    if (text[at] < '0' || text[at] > '9') return -1;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool skip(std::string_view text, std::size_t& at, char expected) {
  if (at >= text.size() || text[at] != expected) return false;
  ++at;
  return true;
}

}  // namespace

FileTime FileTime::now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return from(time);
}

std::string format_rfc3339(const FileTime& time) {
  using namespace std::chrono;
  const sys_seconds when{std::chrono::seconds{std::clamp(time.seconds, first_second, last_second)}};
  const auto day = floor<days>(when);
  const year_month_day date{day};
  const hh_mm_ss clock{when - day};
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (time.nanoseconds != 0) {
    std::string fraction = fmt::format(".{:09}", time.nanoseconds);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += fraction;
  }
  return text + "Z";
}

std::optional<FileTime> parse_rfc3339(std::string_view text) {
  std::size_t at = 0;
  const int year = number_at(text, at, 4);
  if (year < 0 || !skip(text, at, '-')) return std::nullopt;
  const int month = number_at(text, at, 2);
  if (month < 0 || !skip(text, at, '-')) return std::nullopt;
  const int day = number_at(text, at, 2);
  if (day < 0 || !skip(text, at, 'T')) return std::nullopt;
  const int hour = number_at(text, at, 2);
  if (hour < 0 || hour > 23 || !skip(text, at, ':')) return std::nullopt;
  const int minute = number_at(text, at, 2);
  if (minute < 0 || minute > 59 || !skip(text, at, ':')) return std::nullopt;
  const int second = number_at(text, at, 2);
  if (second < 0 || second > 59) return std::nullopt;
  std::int32_t nanoseconds = 0;
  if (skip(text, at, '.')) {
    std::int32_t unit = 100'000'000;
    const std::size_t first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
      if (unit == 0) return std::nullopt;
      nanoseconds += (text[at] - '0') * unit;
    }
    if (at == first) return std::nullopt;
  }
  if (!skip(text, at, 'Z') || at != text.size()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return FileTime{days * 86'400 + hour * 3'600 + minute * 60 + second, nanoseconds};
}

}  // namespace sampan
