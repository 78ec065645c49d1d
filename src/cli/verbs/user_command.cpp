#include "cli/verbs/user_command.h"

#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "base/quantity.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/password.h"
#include "cli/terminal.h"

namespace sampan::cli {
namespace {

constexpr std::string_view no_limit = "none";

Result<UserBase> open_base(const std::string& option) {
  const auto path = option.empty() ? server::DataDirectory::default_path() : Result<std::string>(option);
  if (!path) return fail(path.error());
  auto data = server::DataDirectory::open(*path);
  if (!data) return fail(data.error());
  auto accounts = accounts::AccountStore::open(data->accounts_file());
  if (!accounts) return fail(accounts.error());
  return UserBase{std::move(*data), std::move(*accounts)};
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

}  // namespace

Result<accounts::Account> UserBase::find(const std::string& name) const {
  auto account = accounts.find(name);
  if (!account && account.error().code() == ErrorCode::not_found)
    return fail(ErrorCode::not_found, "no such account");
  return account;
}

Result<AccountState> UserBase::state_of(const accounts::Account& account) const {
  const auto usage = data.usage_of(account.name);
  if (!usage) return fail(usage.error());
  return AccountState{account, *usage};
}

void UserCommand::configure(Options& options) {
  options.text("--data", data_, "DIR",
               "the server's data directory (else SAMPAN_DATA, else $XDG_DATA_HOME/sampan)");
}

int UserCommand::run(Context& context, const Operands& operands) {
  const std::string item = operands.empty() ? "" : operands.front();
  auto base = open_base(data_);
  if (!base) return context.console.fail(describe().name, item, base.error());
  const auto done = act(context, *base, operands);
  if (!done) return context.console.fail(describe().name, item, done.error());
  return 0;
}

void LimitOptions::configure(Options& options) {
  options.text("--quota", quota_, "SIZE", "bytes that the user may keep: 500MiB, 10GB; none: no limit");
  options.text("--max-files", max_files_, "N",
               "files and directories that the user may keep; none: one for each 4 KiB of the quota (1,024 "
               "at least), no limit without a quota");
}

Result<> LimitOptions::apply(accounts::Account& account) const {
  if (!quota_.empty()) {
    account.quota = parse_size(quota_);
    if (!account.quota && quota_ != no_limit)
      return fail(ErrorCode::invalid, "--quota " + quota_ + ": use a size as 500MiB, or none");
  }
  if (!max_files_.empty()) {
    account.max_files = parse_count(max_files_);
    if (!account.max_files && max_files_ != no_limit)
      return fail(ErrorCode::invalid, "--max-files " + max_files_ + ": use a whole number, or none");
  }
  return {};
}

void NewPassword::configure(Options& options) {
  options.text("--password-file", file_, "FILE",
               "its first line is the password; - is standard input; else it is asked for");
}

Result<login::Credential> NewPassword::credential(Person& person, const std::string& name) const {
  if (!file_.empty()) {
    const auto password = read_password_file(file_);
    if (!password) return fail(password.error());
    return login::make_credential(*password);
  }
  if (!person.present())
    return fail(ErrorCode::invalid, "there is no terminal to ask for a password: use --password-file FILE");
  const auto first = person.ask_secret(fmt::format("Password for {}: ", printable(name)));
  if (!first) return fail(first.error());
  const auto second = person.ask_secret("Once more: ");
  if (!second) return fail(second.error());
  if (first->reveal() != second->reveal()) return fail(ErrorCode::invalid, "the two passwords differ");
  return login::make_credential(*first);
}

}  // namespace sampan::cli
