#include "cli/quota_report.h"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "base/quantity.h"
#include "cli/json_text.h"

namespace sampan::cli {
namespace {

std::string bytes_text(const std::optional<std::uint64_t>& bytes) {
  if (!bytes) return "no limit";
  return fmt::format("{} ({} bytes)", format_size(*bytes), *bytes);
}

std::string count_text(const std::optional<std::uint64_t>& count) {
  return count ? std::to_string(*count) : "no limit";
}

}  // namespace

std::string quota_lines(const wire::native::QuotaReply& quota) {
  return fmt::format(
      "used       {}\n"
      "limit      {}\n"
      "free       {}\n"
      "files      {}\n"
      "max files  {}\n",
      bytes_text(quota.used), bytes_text(quota.limit), bytes_text(quota.free), quota.files,
      count_text(quota.max_files));
}

std::string quota_json(const wire::native::QuotaReply& quota) {
  boost::json::object object;
  object["used"] = quota.used;
  object["limit"] = number_or_null(quota.limit);
  object["free"] = number_or_null(quota.free);
  object["files"] = quota.files;
  object["max_files"] = number_or_null(quota.max_files);
  return json_line(object);
}

}  // namespace sampan::cli
