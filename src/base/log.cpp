#include "base/log.h"

#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/text.h"

namespace sampan::log {
namespace {

struct Destination {
  std::unique_ptr<spdlog::logger> logger;
  Format format = Format::text;
};

// The process's standard error is one thing, so is this. Set once by start() before any thread, read-only
// afterwards.
Destination& destination() {
  static Destination instance;  // tidy-allow: standard error is one for the whole process
  return instance;
}

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string json_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

void start(Format format, Level level) {
  Destination& to = destination();
  to.logger = std::make_unique<spdlog::logger>("sampan", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  to.format = format;
  to.logger->set_level(level_of(level));
  to.logger->set_pattern(format == Format::text
                             ? "%Y-%m-%dT%H:%M:%S.%eZ %l %v"
                             : R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%v"})",
                         spdlog::pattern_time_type::utc);
  to.logger->flush_on(spdlog::level::debug);
}

void write(Level level, std::string_view text) {
  const Destination& to = destination();
  if (!to.logger || !to.logger->should_log(level_of(level))) return;
  const std::string safe = printable(text);
  to.logger->log(level_of(level), to.format == Format::json ? json_text(safe) : safe);
}

}  // namespace sampan::log
