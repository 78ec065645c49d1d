#include "cli/shell/completer.h"

#include <algorithm>
#include <ranges>

#include "base/text.h"
#include "cli/command_options.h"

namespace sampan::cli {
namespace {

bool is_local(std::string_view placeholder) {
  return placeholder.contains("LOCAL") || placeholder.contains("FILE") || placeholder == "DIR";
}

bool is_remote(std::string_view placeholder) {
  return placeholder.contains("REMOTE") || placeholder.contains("PATH") || placeholder.contains("FROM");
}

// "bash|zsh" says itself what it can be.
std::vector<CompletedName> values_of(std::string_view placeholder) {
  std::vector<CompletedName> values;
  if (!placeholder.contains('|')) return values;
  for (const auto value : std::views::split(placeholder, '|'))
    values.push_back({std::string(std::string_view(value)), false});
  return values;
}

// A hidden name is offered to whoever asks for it.
void keep_what_fits(std::vector<CompletedName>& names, std::string_view start) {
  std::erase_if(names, [&](const CompletedName& name) {
    return !name.text.starts_with(start) || (start.empty() && name.text.starts_with('.')) ||
           printable(name.text) != name.text;
  });
  std::ranges::sort(names, {}, &CompletedName::text);
}

std::string common_start(const std::vector<CompletedName>& names) {
  std::string start = names.front().text;
  for (const CompletedName& name : names) {
    const auto [end, unused] = std::ranges::mismatch(start, name.text);
    start.erase(end, start.end());
  }
  // Never half a character.
  while (!start.empty() && !is_utf8(start)) start.pop_back();
  return start;
}

}  // namespace

// The first word of every command, or the second ones of a family.
std::vector<CompletedName> Completer::command_names(const std::vector<std::string>& words) const {
  std::vector<CompletedName> names;
  const std::string family = words.empty() ? "" : words[0] + " ";
  for (const auto& row : commands_.rows()) {
    const std::string_view name = row.description.name;
    if (!name.starts_with(family)) continue;
    const std::string_view rest = name.substr(family.size());
    CompletedName word = {std::string(rest.substr(0, rest.find(' '))), false};
    if (std::ranges::find(names, word) == names.end()) names.push_back(std::move(word));
  }
  return names;
}

// Of the next word: of an operand, or of the value that the option before it takes.
std::string Completer::placeholder(const CommandTable::Row& row,
                                   const std::vector<std::string>& words) const {
  for (const OptionText& option : options_of(row, place_))
    if (option.name == words.back() && !option.value.empty()) return option.value;
  std::string operands(row.description.operands);
  std::erase_if(operands, [](char c) { return c == '[' || c == ']'; });
  return operands;
}

Candidates Completer::candidates(WordSplit line) const {
  Candidates found;
  if (line.in_word) {
    found.typed = std::move(line.words.back());
    line.words.pop_back();
  }
  const std::vector<std::string>& words = line.words;
  const CommandTable::Row* row = commands_.find(words);
  const bool options_ended = std::ranges::find(words, "--") != words.end();
  if (row == nullptr) {
    if (words.size() < 2) found.names = command_names(words);
  } else if (found.typed.starts_with('-') && !options_ended) {
    for (const OptionText& option : options_of(*row, place_)) found.names.push_back({option.name, false});
  } else {
    add_operands(found, placeholder(*row, words));
  }
  keep_what_fits(found.names, std::string_view(found.typed).substr(found.kept.size()));
  return found;
}

void Completer::add_operands(Candidates& found, std::string_view stands_for) const {
  if (!is_local(stands_for) && !is_remote(stands_for)) {
    found.names = stands_for == "COMMAND" ? command_names({}) : values_of(stands_for);
    return;
  }
  found.kind = is_local(stands_for) ? Candidates::Kind::local : Candidates::Kind::remote;
  found.directories = stands_for.ends_with("DIR");
  found.kept = found.typed.substr(0, found.typed.rfind('/') + 1);
  found.names = (is_local(stands_for) ? local_ : remote_).names(found.kept);
  if (found.directories) std::erase_if(found.names, [](const auto& name) { return !name.directory; });
}

Completion Completer::complete(std::string_view line) const {
  WordSplit split = split_line(line);
  Completion completion = {
      .from = split.last_start, .text = std::string(line.substr(split.last_start)), .choices = {}};
  const Candidates found = candidates(std::move(split));
  if (found.names.empty()) return completion;
  if (found.names.size() == 1) {
    const CompletedName& only = found.names.front();
    // Within a directory one goes on typing.
    completion.text = escape_word(found.kept + only.text) + (only.directory ? "/" : " ");
    return completion;
  }
  const std::string common = found.kept + common_start(found.names);
  if (common.size() > found.typed.size()) completion.text = escape_word(common);
  for (const CompletedName& name : found.names)
    completion.choices.push_back(name.text + (name.directory ? "/" : ""));
  return completion;
}

}  // namespace sampan::cli
