#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace sampan::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

/// Where events go: standard error, one line each. Called once, before the threads start. Until then nothing
/// is logged.
void start(Format format, Level level);

/// One event. `text` must hold no secret; what came from a peer goes through printable() here, so callers
/// need not think of it.
void write(Level level, std::string_view text);

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace sampan::log
