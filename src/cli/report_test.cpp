#include <cstdlib>

#include <gtest/gtest.h>

#include "cli/account_report.h"
#include "cli/entry_report.h"
#include "cli/json_text.h"
#include "cli/quota_report.h"

namespace sampan::cli {
namespace {

wire::native::Entry entry(std::string name, std::string type, std::uint64_t size) {
  return {.name = {std::move(name)},
          .type = std::move(type),
          .size = size,
          .mtime = {1'795'505'700, 250'000'000},
          .mode = {0644}};
}

TEST(Json, EntriesHaveTheNamesOfTheContract) {
  EXPECT_EQ(entries_json({}), "[]\n");
  EXPECT_EQ(
      entries_json({entry("a.txt", "file", 5'000'000'000)}),
      R"([{"name":"a.txt","type":"file","size":5000000000,"mtime":"2026-11-24T07:35:00.25Z","mode":"0644"}])"
      "\n");
  EXPECT_EQ(stat_json("/d/a.txt", entry("a.txt", "file", 1)),
            R"({"path":"/d/a.txt","name":"a.txt","type":"file","size":1,)"
            R"("mtime":"2026-11-24T07:35:00.25Z","mode":"0644"})"
            "\n");
}

TEST(Json, NamesAreExact) {
  EXPECT_EQ(
      entries_json({entry("n\n\x1b\xe6\x80\xbb", "file", 0)}),
      R"([{"name":"n\n\u001b总","type":"file","size":0,"mtime":"2026-11-24T07:35:00.25Z","mode":"0644"}])"
      "\n");
  EXPECT_EQ(entries_json({entry("\xff"
                                "a",
                                "file", 0)}),
            R"([{"name":"�a","name_bytes":"/2E=","type":"file","size":0,)"
            R"("mtime":"2026-11-24T07:35:00.25Z","mode":"0644"}])"
            "\n");
}

TEST(Json, QuotaAndAccounts) {
  EXPECT_EQ(quota_json({.used = 5, .limit = 100, .free = 95, .files = 2, .max_files = 10}),
            R"({"used":5,"limit":100,"free":95,"files":2,"max_files":10})"
            "\n");
  EXPECT_EQ(quota_json({.used = 5, .limit = {}, .free = {}, .files = 2, .max_files = {}}),
            R"({"used":5,"limit":null,"free":null,"files":2,"max_files":null})"
            "\n");
  EXPECT_EQ(json_line(account_json({{.name = "alice", .quota = 10, .max_files = {}, .enabled = false},
                                    {.bytes = 3, .files = 1}})),
            R"({"name":"alice","quota":10,"max_files":1024,"used":3,"files":1,"enabled":false})"
            "\n");
}

TEST(Lines, OneAnEntryAndSafeForATerminal) {
  setenv("TZ", "UTC-8", 1);
  tzset();
  EXPECT_EQ(entries_short({entry("a\nb", "file", 1), entry("d", "directory", 0)}), "a\\nb\nd\n");
  EXPECT_EQ(entries_long({entry("a\x1b[2J", "file", 1234), entry("d", "directory", 0), entry("l", "link", 3),
                          entry("p", "other", 0)}),
            "-rw-r--r--  1234  2026-11-24 15:35:00 +0800  a\\x1b[2J\n"
            "drw-r--r--     0  2026-11-24 15:35:00 +0800  d\n"
            "lrw-r--r--     3  2026-11-24 15:35:00 +0800  l\n"
            "?rw-r--r--     0  2026-11-24 15:35:00 +0800  p\n");
  unsetenv("TZ");
  tzset();
}

TEST(Lines, ATimeBeyondTheCalendarIsShownAsItIs) {
  EXPECT_EQ(local_time({INT64_MAX, 0}), "@9223372036854775807");
}

TEST(Lines, QuotaSaysTheBytesExactly) {
  const std::string lines = quota_lines(
      {.used = 10'485'761, .limit = 104'857'600, .free = 94'371'839, .files = 2, .max_files = {}});
  EXPECT_NE(lines.find("used       10 MiB (10485761 bytes)\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find("max files  no limit\n"), std::string::npos) << lines;
}

}  // namespace
}  // namespace sampan::cli
