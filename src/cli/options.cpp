#include "cli/options.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include "cli/two_columns.h"

namespace sampan::cli {
namespace {

constexpr std::size_t description_column = 30;

// What CLI11 did not take: the operands, and options that do not exist. `--` stands where it was typed.
std::expected<std::vector<std::string>, std::string> operands_of(const std::vector<std::string>& remaining) {
  std::vector<std::string> operands;
  bool options_ended = false;
  for (const std::string& word : remaining) {
    if (!options_ended && word == "--") {
      options_ended = true;
      continue;
    }
    if (!options_ended && word.size() > 1 && word.starts_with('-'))
      return std::unexpected("no such option: " + word);
    operands.push_back(word);
  }
  return operands;
}

// "-r, --recursive", "--to REMOTE_DIR".
std::string usage_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  std::string text = fmt::format("{}", fmt::join(names, ", "));
  if (!option.get_option_text().empty()) text += " " + option.get_option_text();
  return text;
}

}  // namespace

struct Options::State {
  CLI::App app;
  std::string heading;
  bool help = false;

  void finish(CLI::Option* option, const std::string& shown) const {
    if (!shown.empty()) option->option_text(shown);
    if (!heading.empty()) option->group(heading);
  }
};

Options::Options() : state_(std::make_unique<State>()) {
  state_->app.set_help_flag();
  flag("-h,--help", state_->help, "this help");
}

Options::~Options() = default;

void Options::flag(const std::string& names, bool& target, const std::string& description) {
  state_->finish(state_->app.add_flag(names, target, description), {});
}

void Options::text(const std::string& names, std::string& target, const std::string& shown,
                   const std::string& description) {
  state_->finish(state_->app.add_option(names, target, description), shown);
}

void Options::word(const std::string& names, std::string& target, std::vector<std::string> words,
                   const std::string& description) {
  auto* option = state_->app.add_option(names, target, description);
  const std::string shown = fmt::format("{}", fmt::join(words, "|"));
  option->check(CLI::IsMember(std::move(words)));
  state_->finish(option, shown);
}

void Options::number(const std::string& names, std::optional<std::uint32_t>& target, const std::string& shown,
                     std::uint32_t least, std::uint32_t most, const std::string& description) {
  auto* option = state_->app.add_option(names, target, description);
  option->check(CLI::Range(least, most));
  state_->finish(option, shown);
}

void Options::texts(const std::string& names, std::vector<std::string>& target, const std::string& shown,
                    const std::string& description) {
  auto* option = state_->app.add_option(names, target, description);
  option->allow_extra_args(false);
  state_->finish(option, shown);
}

void Options::both_or_none(const std::string& one, const std::string& other) {
  CLI::Option* first = state_->app.get_option(one);
  CLI::Option* second = state_->app.get_option(other);
  first->needs(second);
  second->needs(first);
}

void Options::not_both(const std::string& one, const std::string& other) {
  state_->app.get_option(one)->excludes(state_->app.get_option(other));
}

void Options::heading(std::string title) {
  state_->heading = std::move(title);
}

// CLI11 knows the options alone: its own operands take "[a,b]" for two and "{}" for none.
std::expected<std::vector<std::string>, std::string> Options::parse(std::span<const std::string> words) {
  state_->app.allow_extras();
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    state_->app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    std::string what = error.what();
    std::ranges::replace(what, '\n', ' ');
    return std::unexpected(what);
  }
  return operands_of(state_->app.remaining());
}

bool Options::help_wanted() const {
  return state_->help;
}

std::string Options::help() const {
  std::string text;
  for (const std::string& group : state_->app.get_groups()) {
    text += "\n" + group + ":\n";
    for (const CLI::Option* option : state_->app.get_options())
      if (option->get_group() == group)
        text += two_columns("  " + usage_of(*option), description_column, option->get_description());
  }
  return text;
}

std::vector<OptionText> Options::spellings() const {
  std::vector<OptionText> spellings;
  const CLI::App& app = state_->app;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_snames())
      spellings.push_back({"-" + name, option->get_option_text(), option->get_description()});
    for (const std::string& name : option->get_lnames())
      spellings.push_back({"--" + name, option->get_option_text(), option->get_description()});
  }
  return spellings;
}

}  // namespace sampan::cli
