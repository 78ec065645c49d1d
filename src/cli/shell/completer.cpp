#include "cli/shell/completer.h"

#include <algorithm>

#include "base/text.h"
#include "cli/command_options.h"
#include "cli/shell/words.h"

namespace sampan::cli {
namespace {

// What an operand or an option's value stands for, from its name in the usage.
enum class Kind { local, remote, command, nothing };

Kind kind_of(std::string_view placeholder) {
  if (placeholder.contains("LOCAL") || placeholder.contains("FILE")) return Kind::local;
  if (placeholder.contains("COMMAND")) return Kind::command;
  if (placeholder.contains("REMOTE") || placeholder.contains("PATH") || placeholder.contains("FROM"))
    return Kind::remote;
  return Kind::nothing;
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

std::vector<CompletedName> Completer::option_names(const CommandTable::Row& row) const {
  std::vector<CompletedName> names;
  for (const OptionText& option : options_of(row, Place::shell)) names.push_back({option.name, false});
  return names;
}

// `kept` is set to the part of the word that stays: the directory.
std::vector<CompletedName> Completer::candidates(const std::vector<std::string>& words,
                                                 const std::string& typed, std::string& kept) const {
  std::vector<CompletedName> names;
  Kind kind = Kind::command;
  if (!words.empty()) {
    const CommandTable::Row* row = commands_.find(words);
    if (row == nullptr) return {};
    if (typed.starts_with('-')) return option_names(*row);
    kind = kind_of(row->description.operands);
    for (const OptionText& option : options_of(*row, Place::shell))
      if (option.name == words.back() && !option.value.empty()) kind = kind_of(option.value);
  }
  if (kind == Kind::nothing) return {};
  if (kind == Kind::command) {
    for (const auto& row : commands_.rows()) names.push_back({std::string(row.description.name), false});
    return names;
  }
  kept = typed.substr(0, typed.rfind('/') + 1);
  return (kind == Kind::local ? local_ : remote_).names(kept);
}

Completion Completer::complete(std::string_view line) const {
  WordSplit split = split_line(line);
  std::string typed;
  if (split.in_word) {
    typed = std::move(split.words.back());
    split.words.pop_back();
  }
  Completion completion = {
      .from = split.last_start, .text = std::string(line.substr(split.last_start)), .choices = {}};
  std::string kept;
  std::vector<CompletedName> names = candidates(split.words, typed, kept);
  const std::string start = typed.substr(kept.size());
  // A hidden name is offered to whoever asks for it.
  std::erase_if(names, [&](const CompletedName& name) {
    return !name.text.starts_with(start) || (start.empty() && name.text.starts_with('.')) ||
           printable(name.text) != name.text;
  });
  if (names.empty()) return completion;
  std::ranges::sort(names, {}, &CompletedName::text);
  if (names.size() == 1) {
    const CompletedName& only = names.front();
    // Within a directory one goes on typing: the word stays open.
    completion.text = quote_word(kept + only.text + (only.directory ? "/" : ""));
    if (only.directory && completion.text.ends_with('\'')) completion.text.pop_back();
    if (!only.directory) completion.text += ' ';
    return completion;
  }
  const std::string common = common_start(names);
  if (common.size() > start.size()) {
    completion.text = quote_word(kept + common);
    if (completion.text.ends_with('\'')) completion.text.pop_back();
  }
  for (const CompletedName& name : names)
    completion.choices.push_back(name.text + (name.directory ? "/" : ""));
  return completion;
}

}  // namespace sampan::cli
