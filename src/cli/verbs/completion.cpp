#include "cli/verbs/completion.h"

#include <unistd.h>

#include "base/text.h"
#include "cli/console.h"
#include "cli/options.h"
#include "cli/server_options.h"
#include "cli/session.h"
#include "cli/shell/completer.h"
#include "cli/shell/name_sources.h"
#include "net/byte_stream.h"

namespace sampan::cli {
namespace {

// Nobody waits longer for a Tab key: then the process ends, and says nothing.
constexpr unsigned patience_seconds = 2;

// The answer to `completion for LINE`: what kind of names, what was typed, then the names. Names here, the
// shells know best themselves.
constexpr std::string_view bash_script = R"(# sampan completion for bash:  source <(sampan completion bash)
_sampan() {
  local answer skip
  mapfile -t answer < <(sampan completion for "${COMP_LINE:0:COMP_POINT}" </dev/null 2>/dev/null)
  COMPREPLY=()
  case "${answer[0]}" in
    local) compopt -o default; return ;;
    local-directories) compopt -o dirnames; return ;;
    remote) compopt -o filenames ;;
  esac
  # readline takes : = @ for the beginning of a new word, and puts the answer behind it.
  skip="${answer[1]%"${answer[1]##*[:=@]}"}"
  COMPREPLY=("${answer[@]:2}")
  COMPREPLY=("${COMPREPLY[@]#"$skip"}")
  if [ "${#COMPREPLY[@]}" -eq 1 ] && [[ "${COMPREPLY[0]}" == */ ]]; then compopt -o nospace; fi
}
complete -F _sampan sampan
)";

constexpr std::string_view zsh_script = R"(#compdef sampan
# sampan completion for zsh:  source <(sampan completion zsh)
_sampan() {
  local -a answer names
  local line="${(j: :)words[1,CURRENT-1]} $PREFIX"
  answer=("${(@f)$(sampan completion for "$line" </dev/null 2>/dev/null)}")
  names=("${(@)answer[3,-1]}")
  case "$answer[1]" in
    local) _files ;;
    local-directories) _files -/ ;;
    *) compadd -S '' -- "${(@M)names:#*/}"; compadd -- "${(@)names:#*/}" ;;
  esac
}
if (( ! $+functions[compdef] )); then autoload -U compinit && compinit; fi
if [ "$funcstack[1]" = _sampan ]; then _sampan "$@"; else compdef _sampan sampan; fi
)";

class NoNames final : public NameSource {
 public:
  std::vector<CompletedName> names(const std::string&) override { return {}; }
};

/// The names on the server that the line chooses, where that needs no question.
class NamesOfLine final : public NameSource {
 public:
  NamesOfLine(Session& session, std::vector<std::string> words)
      : session_(session), words_(std::move(words)) {}

  std::vector<CompletedName> names(const std::string& directory) override {
    alarm(patience_seconds);
    try {
      session_.use(server());
      (void)session_.connection();
    } catch (const net::StreamError&) {
      return {};
    }
    return RemoteNames(session_).names(directory);
  }

 private:
  ServerOptions server() const {
    ServerOptions server;
    Options options;
    server.configure(options);
    (void)options.parse(
        words_);  // what it does not know is the command's; what is half typed counts for nothing
    return server;
  }

  Session& session_;
  std::vector<std::string> words_;
};

void answer(Context& context, const std::string& line) {
  WordSplit split = split_line(line);
  if (split.words.size() < 2 && split.in_word) return;  // still at "sampan" itself
  if (!split.words.empty()) split.words.erase(split.words.begin());
  NoNames local;
  NamesOfLine remote(context.session, split.words);
  const Completer completer(context.commands, Place::command_line, local, remote);
  const Candidates found = completer.candidates(std::move(split));
  std::string text = found.kind == Candidates::Kind::local    ? "local"
                     : found.kind == Candidates::Kind::remote ? "remote"
                                                              : "word";
  if (found.kind == Candidates::Kind::local && found.directories) text += "-directories";
  text += "\n" + printable(found.typed) + "\n";
  for (const CompletedName& name : found.names)
    text += found.kept + name.text + (name.directory ? "/\n" : "\n");
  context.console.out() << text;
}

}  // namespace

Description PrintCompletion::describe() const {
  return {.name = "completion",
          .summary = "print a completion script for bash or zsh",
          .operands = "bash|zsh",
          .least = 1,
          .most = 2,
          .help = R"(Completes commands, options, names here, and names on the server where sampan
login has been run. The script asks the program itself, by
"sampan completion for LINE", so it never grows old.

Examples:
  source <(sampan completion bash)                       for this shell
  echo 'source <(sampan completion bash)' >> ~/.bashrc   for all to come
  echo 'source <(sampan completion zsh)' >> ~/.zshrc
)"};
}

int PrintCompletion::run(Context& context, const Operands& operands) {
  if (operands.size() == 2 && operands[0] == "for")
    answer(context, operands[1]);
  else if (operands.size() == 1 && operands[0] == "bash")
    context.console.out() << bash_script;
  else if (operands.size() == 1 && operands[0] == "zsh")
    context.console.out() << zsh_script;
  else
    throw Misuse{"bash or zsh, not " + operands[0]};
  return 0;
}

}  // namespace sampan::cli
