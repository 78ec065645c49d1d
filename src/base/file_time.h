#pragma once

#include <compare>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace sampan {

/// A file's time: nanoseconds since 1970-01-01 UTC, as the file system keeps them.
struct FileTime {
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;  ///< 0..999,999,999

  auto operator<=>(const FileTime&) const = default;

  static FileTime now();
  static FileTime from(const timespec& time) {
    return {time.tv_sec, static_cast<std::int32_t>(time.tv_nsec)};
  }
  timespec to_timespec() const { return {.tv_sec = seconds, .tv_nsec = nanoseconds}; }
};

/// RFC 3339 in UTC, with only as many fraction digits as the value has: "2026-11-24T08:15:00.25Z".
std::string format_rfc3339(const FileTime& time);
/// Reads what format_rfc3339 writes: UTC ("Z") only, years 0000..9999, up to nine fraction digits. Anything
/// else is nullopt.
std::optional<FileTime> parse_rfc3339(std::string_view text);

}  // namespace sampan
