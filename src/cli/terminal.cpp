#include "cli/terminal.h"

#include <array>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace sampan::cli {
namespace {

constexpr std::size_t answer_limit = 4096;

UniqueFd open_terminal() {
  return UniqueFd(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
}

/// Echo off for as long as it lives; what was typed ahead is dropped, so that no half of a password is shown.
class WithoutEcho {
 public:
  explicit WithoutEcho(int fd) : fd_(fd), changed_(tcgetattr(fd, &before_) == 0) {
    if (!changed_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(fd_, TCSAFLUSH, &quiet);
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;
  ~WithoutEcho() {
    if (changed_) tcsetattr(fd_, TCSAFLUSH, &before_);
  }

 private:
  int fd_;
  termios before_{};
  bool changed_;
};

void show(int fd, std::string_view text) {
  (void)!write(fd, text.data(), text.size());
}

// A line from the terminal, unless the event comes first. The text never moves in memory: it may be a secret.
Result<std::string> read_line(int terminal, int event) {
  std::string line;
  line.reserve(answer_limit);
  while (true) {
    std::array<pollfd, 2> waited = {pollfd{terminal, POLLIN, 0}, pollfd{event, POLLIN, 0}};
    if (poll(waited.data(), waited.size(), -1) < 0) continue;
    if (waited[1].revents != 0) return fail(ErrorCode::interrupted);
    char c = 0;
    if (read(terminal, &c, 1) != 1) return fail(ErrorCode::interrupted, "the input ended");
    if (c == '\n') return line;
    if (line.size() == answer_limit) return fail(ErrorCode::invalid, "the answer is too long");
    line += c;
  }
}

}  // namespace

bool means_yes(std::string_view answer) {
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "Yes" || answer == "YES";
}

// A program that took both ends away wants no questions, though the terminal that it was started from is
// there.
bool TerminalPerson::present() const {
  if (isatty(STDIN_FILENO) == 0 && isatty(STDERR_FILENO) == 0) return false;
  return static_cast<bool>(open_terminal());
}

Result<std::string> TerminalPerson::read_answer(std::string_view question, bool echo) {
  const UniqueFd terminal = open_terminal();
  if (!terminal) return fail(ErrorCode::denied, "there is no terminal to ask on");
  const UniqueFd event(eventfd(0, EFD_CLOEXEC));
  const Interrupts::Handler handler(interrupts_, [fd = event.get()] {
    const std::uint64_t one = 1;
    (void)!write(fd, &one, sizeof one);
  });
  if (echo) {
    show(terminal.get(), question);
    auto answer = read_line(terminal.get(), event.get());
    if (!answer) show(terminal.get(), "\n");
    return answer;
  }
  // First: whoever answers at once is not shown either.
  const WithoutEcho quiet(terminal.get());
  show(terminal.get(), question);
  auto answer = read_line(terminal.get(), event.get());
  show(terminal.get(), "\n");
  return answer;
}

Result<std::string> TerminalPerson::ask(std::string_view question) {
  return read_answer(question, true);
}

Result<Secret> TerminalPerson::ask_secret(std::string_view question) {
  auto answer = read_answer(question, false);
  if (!answer) return fail(answer.error());
  return Secret(std::move(*answer));
}

std::size_t terminal_columns(int fd) {
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace sampan::cli
