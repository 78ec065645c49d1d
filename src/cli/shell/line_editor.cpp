#include "cli/shell/line_editor.h"

#include <array>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>

#include <fmt/format.h>
#include <histedit.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "base/unique_fd.h"
#include "cli/terminal.h"
#include "disk/directory.h"

namespace sampan::cli {
namespace {

constexpr int history_size = 1000;
constexpr std::size_t choices_shown = 200;  // more only push each other off the screen

struct EndEditor {
  void operator()(EditLine* editor) const { el_end(editor); }
};
struct EndHistory {
  void operator()(History* history) const { history_end(history); }
};

// libedit keeps the line in wide characters, of the locale: names are UTF-8, so one that knows it is needed.
void use_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::size_t characters_in(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80 ? 1 : 0;
  return count;
}

void show_choices(std::vector<std::string> choices) {
  std::size_t width = 0;
  const std::size_t count = choices.size();
  choices.resize(std::min(count, choices_shown));
  for (const std::string& choice : choices) width = std::max(width, display_width(choice) + 2);
  const std::size_t per_line = std::max<std::size_t>(1, terminal_columns(STDOUT_FILENO) / width);
  std::string text = "\n";
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const bool last = (i + 1) % per_line == 0 || i + 1 == choices.size();
    text += choices[i] + (last ? "\n" : std::string(width - display_width(choices[i]), ' '));
  }
  if (count > choices_shown) text += fmt::format("and {} more\n", count - choices_shown);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

struct LineEditor::State {
  State(Interrupts& from, std::string file, Complete with)
      : interrupts(from),
        history_file(std::move(file)),
        complete(std::move(with)),
        event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  static State& of(EditLine* editor) {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<State*>(data);
  }
  static const char* show_prompt(EditLine* editor) { return of(editor).prompt.c_str(); }
  static int read_character(EditLine* editor, wchar_t* to) { return of(editor).next_character(*to); }
  static unsigned char on_tab(EditLine* editor, int) { return of(editor).tab(); }

  int next_character(wchar_t& to);
  unsigned char tab();
  void save_history();

  Interrupts& interrupts;
  std::string history_file;
  Complete complete;
  UniqueFd event;  // an interrupt while the line is read
  std::string prompt;
  bool interrupted = false;
  std::unique_ptr<History, EndHistory> history;
  std::unique_ptr<EditLine, EndEditor> editor;
};

// 1: a character, 0: the end of the input, -1: an interrupt.
int LineEditor::State::next_character(wchar_t& to) {
  std::mbstate_t state = {};
  while (true) {
    std::array<pollfd, 2> waited = {pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{event.get(), POLLIN, 0}};
    if (poll(waited.data(), waited.size(), -1) < 0) continue;
    if (waited[1].revents != 0) {
      interrupted = true;
      return -1;
    }
    char byte = 0;
    if (::read(STDIN_FILENO, &byte, 1) != 1) return 0;
    const std::size_t used = std::mbrtowc(&to, &byte, 1, &state);
    if (used <= 1) return 1;
    if (used == static_cast<std::size_t>(-1)) state = {};  // not a character: left out
  }
}

unsigned char LineEditor::State::tab() {
  const LineInfo* line = el_line(editor.get());
  const std::string before(line->buffer, line->cursor);
  const Completion completion = complete(before);
  const std::string word = before.substr(completion.from);
  if (completion.text != word) {
    el_deletestr(editor.get(), static_cast<int>(characters_in(word)));
    el_insertstr(editor.get(), completion.text.c_str());
    return CC_REFRESH;
  }
  if (completion.choices.empty()) return CC_ERROR;
  show_choices(completion.choices);
  return CC_REDISPLAY;
}

void LineEditor::State::save_history() {
  if (history_file.empty()) return;
  HistEvent unused = {};
  ::history(history.get(), &unused, H_SAVE, history_file.c_str());  // fchmods it to 0600
}

LineEditor::LineEditor(Interrupts& interrupts, std::string history_file, Complete complete)
    : state_(std::make_unique<State>(interrupts, std::move(history_file), std::move(complete))) {
  use_utf8();
  state_->history.reset(history_init());
  HistEvent unused = {};
  history(state_->history.get(), &unused, H_SETSIZE, history_size);
  history(state_->history.get(), &unused, H_SETUNIQUE, 1);
  if (!state_->history_file.empty())
    history(state_->history.get(), &unused, H_LOAD, state_->history_file.c_str());
  state_->editor.reset(el_init("sampan", stdin, stdout, stderr));
  EditLine* editor = state_->editor.get();
  el_set(editor, EL_CLIENTDATA, state_.get());
  el_set(editor, EL_PROMPT, &State::show_prompt);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_SIGNAL, 0);
  el_set(editor, EL_GETCFN, &State::read_character);
  el_set(editor, EL_HIST, ::history, state_->history.get());
  // The wide form keeps these pointers; the other one copies the texts and never frees them.
  el_wset(editor, EL_ADDFN, L"sampan-complete", L"complete the word under the cursor", &State::on_tab);
  el_set(editor, EL_BIND, "^I", "sampan-complete", nullptr);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
}

LineEditor::~LineEditor() = default;

Result<std::optional<std::string>> LineEditor::read(const std::string& prompt) {
  state_->prompt = prompt;
  state_->interrupted = false;
  std::uint64_t old = 0;
  (void)!::read(state_->event.get(), &old, sizeof old);
  const Interrupts::Handler handler(state_->interrupts, [fd = state_->event.get()] {
    const std::uint64_t one = 1;
    (void)!write(fd, &one, sizeof one);
  });
  el_resize(state_->editor.get());
  int count = 0;
  const char* line = el_gets(state_->editor.get(), &count);
  if (line == nullptr || count <= 0) {
    std::fputs(state_->interrupted ? "^C\n" : "\n", stdout);
    std::fflush(stdout);
    if (state_->interrupted) {
      el_reset(state_->editor.get());
      return fail(ErrorCode::interrupted);
    }
    return std::nullopt;
  }
  std::string text(line);
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.find_first_not_of(" \t") != std::string::npos) {
    HistEvent unused = {};
    history(state_->history.get(), &unused, H_ENTER, text.c_str());
    state_->save_history();
  }
  return text;
}

std::string history_file() {
  std::string directory;
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != 0)
    directory = std::string(state) + "/sampan";
  else if (const char* home = std::getenv("HOME"); home != nullptr && *home != 0)
    directory = std::string(home) + "/.local/state/sampan";
  if (directory.empty() || !disk::Directory::make_trusted(directory, 0700)) return {};
  return directory + "/history";
}

}  // namespace sampan::cli
