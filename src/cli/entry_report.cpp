#include "cli/entry_report.h"

#include <algorithm>
#include <ctime>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/quantity.h"
#include "base/text.h"
#include "cli/json_text.h"

namespace sampan::cli {
namespace {

using wire::native::Entry;

void put_entry(boost::json::object& object, const Entry& entry) {
  put_text(object, "name", entry.name.bytes);
  object["type"] = to_utf8(entry.type);
  object["size"] = entry.size;
  object["mtime"] = format_rfc3339(entry.mtime);
  object["mode"] = fmt::format("{:04o}", entry.mode.bits);
}

}  // namespace

std::string mode_text(const Entry& entry) {
  std::string text = entry.type == "directory" ? "d"
                     : entry.type == "link"    ? "l"
                     : entry.type == "file"    ? "-"
                                               : "?";
  for (int bit = 8; bit >= 0; --bit) {
    const bool set = ((entry.mode.bits >> bit) & 1U) != 0;
    text += set ? "xwr"[bit % 3] : '-';
  }
  return text;
}

std::string local_time(const FileTime& time) {
  const std::time_t seconds = time.seconds;
  std::tm parts = {};
  // A peer's time may lie beyond every calendar.
  if (localtime_r(&seconds, &parts) == nullptr) return fmt::format("@{}", time.seconds);
  return fmt::format("{:%Y-%m-%d %H:%M:%S %z}", parts);
}

std::string entries_short(const Entries& entries) {
  std::string text;
  for (const Entry& entry : entries) text += printable(entry.name.bytes) + "\n";
  return text;
}

std::string entries_long(const Entries& entries) {
  std::uint64_t largest = 0;
  for (const Entry& entry : entries) largest = std::max(largest, entry.size);
  const std::size_t width = std::to_string(largest).size();
  std::string text;
  for (const Entry& entry : entries)
    text += fmt::format("{}  {:>{}}  {}  {}\n", mode_text(entry), entry.size, width, local_time(entry.mtime),
                        printable(entry.name.bytes));
  return text;
}

std::string entries_json(const Entries& entries) {
  boost::json::array array;
  for (const Entry& entry : entries) {
    boost::json::object object;
    put_entry(object, entry);
    array.push_back(std::move(object));
  }
  return json_line(array);
}

std::string stat_lines(const std::string& path, const Entry& entry) {
  return fmt::format(
      "path   {}\n"
      "type   {}\n"
      "size   {} ({} bytes)\n"
      "mtime  {}\n"
      "mode   {:04o} ({})\n",
      printable(path), printable(entry.type), format_size(entry.size), entry.size, local_time(entry.mtime),
      entry.mode.bits, mode_text(entry));
}

std::string stat_json(const std::string& path, const Entry& entry) {
  boost::json::object object;
  put_text(object, "path", path);
  put_entry(object, entry);
  return json_line(object);
}

}  // namespace sampan::cli
