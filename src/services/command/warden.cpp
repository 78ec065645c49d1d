#include "services/command/warden.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <ctime>
#include <optional>
#include <span>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace sampan::services {
namespace {

constexpr int census_interval_ms = 10;
constexpr int kill_interval_ms = 1;
constexpr std::uint64_t kill_patience_ms = 2'000;  // a process within the kernel may take its time to die
constexpr std::size_t census_max = 1'024;          // more are not counted

// Where the warden keeps its descriptors, above those that the command will have.
constexpr int leash_fd = 3;
constexpr int report_fd = 4;
constexpr int first_free_fd = 5;

std::uint64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

// ---- what /proc says ----

// A path put together without memory of its own.
class ProcPath {
 public:
  ProcPath& add(std::string_view text) {
    const std::size_t count = std::min(text.size(), room_.size() - 1 - used_);
    std::memcpy(room_.data() + used_, text.data(), count);
    used_ += count;
    room_[used_] = '\0';
    return *this;
  }
  ProcPath& add(pid_t number) {
    std::array<char, 16> digits{};
    std::size_t at = digits.size();
    do {
      digits[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return add({digits.data() + at, digits.size() - at});
  }
  const char* text() const { return room_.data(); }

 private:
  std::array<char, 64> room_{};
  std::size_t used_ = 0;
};

// Calls `found` with each number that is a name in a directory of /proc.
template <class Found>
void for_each_number_in(const char* path, Found found) {
  const UniqueFd directory(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return;
  alignas(8) std::array<char, 2'048> room;
  for (;;) {
    const long got = syscall(SYS_getdents64, directory.get(), room.data(), room.size());
    if (got <= 0) return;
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const struct dirent64*>(room.data() + at);
      at += entry->d_reclen;
      pid_t number = 0;
      for (const char* c = entry->d_name; *c >= '0' && *c <= '9'; ++c) number = number * 10 + (*c - '0');
      if (number != 0) found(number);
    }
  }
}

// Calls `found` with each child of one thread.
template <class Found>
void for_each_child_of(pid_t process, pid_t thread, Found found) {
  ProcPath path;
  path.add("/proc/").add(process).add("/task/").add(thread).add("/children");
  const UniqueFd file(open(path.text(), O_RDONLY | O_CLOEXEC));
  if (!file) return;
  std::array<char, 512> room;
  pid_t number = 0;
  for (;;) {
    const ssize_t got = read(file.get(), room.data(), room.size());
    if (got <= 0) return;
    for (const char c : std::span(room).first(static_cast<std::size_t>(got))) {
      if (c >= '0' && c <= '9') {
        number = number * 10 + (c - '0');
      } else if (number != 0) {
        found(number);
        number = 0;
      }
    }
  }
}

// Processes and threads below this process.
std::size_t count_descendants() {
  std::array<pid_t, census_max> processes;
  std::size_t known = 0;
  std::size_t threads = 0;
  const auto note = [&](pid_t pid) {
    if (known < processes.size()) processes[known++] = pid;
  };
  for_each_child_of(getpid(), getpid(), note);
  for (std::size_t i = 0; i < known; ++i) {
    ProcPath tasks;
    tasks.add("/proc/").add(processes[i]).add("/task");
    for_each_number_in(tasks.text(), [&](pid_t thread) {
      ++threads;
      for_each_child_of(processes[i], thread, note);
    });
  }
  return threads;
}

// ---- the command ----

void limit_resource(int which, rlim_t soft, rlim_t hard) {
  const rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
  (void)setrlimit(static_cast<__rlimit_resource>(which), &limit);
}

[[noreturn]] void be_command(const WardenOrders& orders) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit_resource(RLIMIT_CORE, 0, 0);
  const rlim_t seconds = orders.milliseconds / 1'000 + 1;
  limit_resource(RLIMIT_CPU, seconds, seconds + 1);
  close_range(leash_fd, UINT_MAX, 0);
  struct sigaction as_usual = {};
  as_usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &as_usual, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // "--": a text that begins with "-" is a command as well.
  std::array<const char*, 5> arguments = {"sh", "-c", "--", orders.text, nullptr};
  std::array<const char*, 6> environment = {
      "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/", "SHELL=/bin/sh", "TERM=dumb", nullptr};
  execve("/bin/sh", const_cast<char* const*>(arguments.data()), const_cast<char* const*>(environment.data()));
  constexpr std::string_view failed = "sampan: /bin/sh cannot be run\n";
  (void)!write(STDERR_FILENO, failed.data(), failed.size());
  _exit(127);
}

// ---- the warden ----

// Puts each descriptor where it belongs and lets go of all others: a listening socket or another command's
// leash that stayed open here would live as long as this command.
void take_only(const WardenOrders& orders) {
  constexpr int aside = 100;
  const std::array from = {orders.nothing, orders.output, orders.errors, orders.leash, orders.report};
  std::array<int, from.size()> copies{};
  std::ranges::transform(from, copies.begin(), [](int fd) { return fcntl(fd, F_DUPFD, aside); });
  for (std::size_t i = 0; i < copies.size(); ++i) dup2(copies[i], static_cast<int>(i));
  static_assert(from.size() == first_free_fd);
  close_range(first_free_fd, UINT_MAX, 0);
}

bool is_over(int leash, int process, int milliseconds) {
  std::array<pollfd, 2> waited = {pollfd{leash, POLLIN, 0}, pollfd{process, POLLIN, 0}};
  (void)poll(waited.data(), waited.size(), milliseconds);
  return waited[0].revents != 0;
}

// Reaps what has ended; the status of `shell` is kept.
void reap(pid_t shell, std::optional<int>& shell_status) {
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == shell) shell_status = status;
}

WardenReport::Reason watch(const WardenOrders& orders, pid_t shell, std::optional<int>& shell_status) {
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, shell, 0)));
  const std::uint64_t end = now_ms() + orders.milliseconds;
  for (;;) {
    const std::uint64_t now = now_ms();
    const int pause =
        static_cast<int>(std::min<std::uint64_t>(census_interval_ms, end > now ? end - now : 0));
    const bool dismissed = is_over(leash_fd, process.get(), pause);
    reap(shell, shell_status);
    if (shell_status) return WardenReport::Reason::exited;
    if (dismissed) return WardenReport::Reason::dismissed;
    if (now_ms() >= end) return WardenReport::Reason::out_of_time;
    if (count_descendants() > orders.processes) return WardenReport::Reason::too_many_processes;
  }
}

// A group at one blow, which no fork escapes. Whose parents are killed become children of ours: generation
// after generation, until there is none, in whatever session they hid.
void end_all(pid_t shell, std::optional<int>& shell_status) {
  const std::uint64_t end = now_ms() + kill_patience_ms;
  do {
    if (!shell_status) kill(-shell, SIGKILL);  // also where /proc tells nothing
    for_each_child_of(getpid(), getpid(), [](pid_t child) {
      if (const pid_t group = getpgid(child); group > 0 && group != getpgrp()) kill(-group, SIGKILL);
      kill(child, SIGKILL);
    });
    reap(shell, shell_status);
    int ignored = 0;
    if (waitpid(-1, &ignored, WNOHANG) < 0 && errno == ECHILD) return;
    (void)poll(nullptr, 0, kill_interval_ms);
  } while (now_ms() < end);
}

}  // namespace

void be_warden(const WardenOrders& orders) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);  // Ctrl-C is the server's to hear
  setsid();                                 // and a signal to the server's group is not for us
  take_only(orders);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  WardenReport report;
  std::optional<int> shell_status;
  const pid_t shell = fork();
  if (shell == 0) be_command(orders);
  // The command's alone from now on, so that its end can be seen.
  close_range(STDIN_FILENO, STDERR_FILENO, 0);
  if (shell > 0) {
    report.reason = watch(orders, shell, shell_status);
    end_all(shell, shell_status);
    report.wait_status = shell_status.value_or(SIGKILL);
  } else {
    report.wait_status = 127 << 8;
  }
  (void)!write(report_fd, &report, sizeof(report));
  _exit(0);
}

}  // namespace sampan::services
