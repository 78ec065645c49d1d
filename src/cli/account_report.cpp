#include "cli/account_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/quantity.h"
#include "base/text.h"
#include "cli/json_text.h"

namespace sampan::cli {
namespace {

std::string quota_text(const accounts::Account& account) {
  return account.quota ? format_size(*account.quota) : "none";
}

std::string max_files_text(const accounts::Account& account) {
  const auto limit = account.entry_limit();
  return limit ? std::to_string(*limit) : "none";
}

// By display width: fmt counts characters.
std::string padded(std::string text, std::size_t columns) {
  const std::size_t width = display_width(text);
  if (width < columns) text.append(columns - width, ' ');
  return text;
}

}  // namespace

boost::json::object account_json(const AccountState& state) {
  boost::json::object object;
  put_text(object, "name", state.account.name);
  object["quota"] = number_or_null(state.account.quota);
  object["max_files"] = number_or_null(state.account.entry_limit());
  object["used"] = state.usage.bytes;
  object["files"] = state.usage.files;
  object["enabled"] = state.account.enabled;
  return object;
}

std::string account_table(const std::vector<AccountState>& states) {
  std::size_t width = std::string_view("NAME").size();
  for (const auto& state : states) width = std::max(width, display_width(state.account.name));
  std::string table = fmt::format("{}  {:>10}  {:>10}  {:>10}  {:>10}  ENABLED\n", padded("NAME", width),
                                  "USED", "QUOTA", "FILES", "MAX FILES");
  for (const auto& [account, usage] : states)
    table += fmt::format("{}  {:>10}  {:>10}  {:>10}  {:>10}  {}\n", padded(printable(account.name), width),
                         format_size(usage.bytes), quota_text(account), usage.files, max_files_text(account),
                         account.enabled ? "yes" : "no");
  return table;
}

std::string account_lines(const AccountState& state) {
  const auto& [account, usage] = state;
  return fmt::format(
      "name       {}\n"
      "used       {} ({} bytes)\n"
      "quota      {}\n"
      "files      {}\n"
      "max files  {}\n"
      "enabled    {}\n",
      printable(account.name), format_size(usage.bytes), usage.bytes, quota_text(account), usage.files,
      max_files_text(account), account.enabled ? "yes" : "no");
}

}  // namespace sampan::cli
