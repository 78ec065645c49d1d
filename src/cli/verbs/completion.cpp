#include "cli/verbs/completion.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/command_options.h"
#include "cli/console.h"

namespace sampan::cli {
namespace {

// Of the words behind "sampan", for the case statement: "put", "user add".
std::string cases(const CommandTable& commands) {
  std::string text;
  for (const auto& row : commands.rows()) {
    std::string names;
    for (const OptionText& option : options_of(row, Place::command_line))
      names += (names.empty() ? "" : " ") + option.name;
    text += fmt::format("    '{}') words='{}' ;;\n", row.description.name, names);
  }
  return text;
}

std::string unique_words(const CommandTable& commands, std::string_view family) {
  std::vector<std::string> words;
  for (const auto& row : commands.rows()) {
    const std::string_view name = row.description.name;
    if (family.empty())
      words.emplace_back(name.substr(0, name.find(' ')));
    else if (name.starts_with(std::string(family) + " "))
      words.emplace_back(name.substr(family.size() + 1));
  }
  std::ranges::sort(words);
  const auto repeated = std::ranges::unique(words);
  words.erase(repeated.begin(), repeated.end());
  return fmt::format("{}", fmt::join(words, " "));
}

std::string families(const CommandTable& commands) {
  std::string text, last;
  for (const auto& row : commands.rows()) {
    const std::string family(row.description.name.substr(0, row.description.name.find(' ')));
    if (word_count(row.description.name) == 1 || family == last) continue;
    last = family;
    text += fmt::format("    '{}') words='{}' ;;\n", family, unique_words(commands, family));
  }
  return text;
}

// Options after "-", else the names of files here: what is on a server only a connection knows, and the shell
// has that.
constexpr std::string_view bash_script = R"(# sampan completion for bash:  source <(sampan completion bash)
_sampan() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" first="${{COMP_WORDS[1]}}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '--help --version {0}' -- "$current"))
    return
  fi
  case "$first" in
{1}  esac
  if [ -n "$words" ] && [ "$COMP_CWORD" -eq 2 ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  [ -n "$words" ] && first="$first ${{COMP_WORDS[2]}}"
  words=''
  case "$first" in
{2}  esac
  COMPREPLY=()
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}}
complete -o default -F _sampan sampan
)";

constexpr std::string_view zsh_heading = R"(#compdef sampan
# sampan completion for zsh:  source <(sampan completion zsh)
autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
)";

std::string script(const CommandTable& commands) {
  return fmt::format(fmt::runtime(bash_script), unique_words(commands, {}), families(commands),
                     cases(commands));
}

}  // namespace

Description PrintCompletion::describe() const {
  return {.name = "completion",
          .summary = "print a completion script for bash or zsh",
          .operands = "bash|zsh",
          .least = 1,
          .most = 1,
          .help = R"(Examples:
  source <(sampan completion bash)
  sampan completion bash > ~/.local/share/bash-completion/completions/sampan
)"};
}

int PrintCompletion::run(Context& context, const Operands& operands) {
  if (operands[0] == "bash")
    context.console.out() << script(context.commands);
  else if (operands[0] == "zsh")
    context.console.out() << zsh_heading << script(context.commands);
  else
    return context.console.misuse(describe().name, "bash or zsh, not " + operands[0]);
  return 0;
}

}  // namespace sampan::cli
