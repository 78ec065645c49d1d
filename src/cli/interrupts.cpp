#include "cli/interrupts.h"

#include <array>
#include <string_view>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.h"

namespace sampan::cli {
namespace {

sigset_t heeded_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction now = {};
    sigaction(number, nullptr, &now);
    if (now.sa_handler != SIG_IGN) sigaddset(&set, number);
  }
  return set;
}

}  // namespace

void Interrupts::start() {
  if (thread_.joinable()) return;
  stop_.reset(eventfd(0, EFD_CLOEXEC));
  const sigset_t set = heeded_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_.reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  thread_ = std::thread([this] { watch(); });
}

Interrupts::~Interrupts() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  (void)!write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void Interrupts::watch() {
  std::array<pollfd, 2> waited = {pollfd{signals_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
  while (true) {
    if (poll(waited.data(), waited.size(), -1) < 0) continue;
    if (waited[1].revents != 0) return;
    signalfd_siginfo info = {};
    if (read(signals_.get(), &info, sizeof info) == sizeof info) interrupted();
  }
}

void Interrupts::interrupted() {
  const std::lock_guard lock(mutex_);
  if (newest_ == nullptr || newest_->called_) {
    constexpr std::string_view last_words = "\nsampan: interrupted\n";
    (void)!write(STDERR_FILENO, last_words.data(), last_words.size());
    _exit(exit_code(ErrorCode::interrupted));
  }
  newest_->called_ = newest_->times_ == Times::once;
  newest_->on_interrupt_();
}

Interrupts::Handler::Handler(Interrupts& interrupts, std::function<void()> on_interrupt, Times times)
    : interrupts_(interrupts), on_interrupt_(std::move(on_interrupt)), times_(times), outer_(nullptr) {
  interrupts_.start();
  const std::lock_guard lock(interrupts_.mutex_);
  outer_ = std::exchange(interrupts_.newest_, this);
}

Interrupts::Handler::~Handler() {
  const std::lock_guard lock(interrupts_.mutex_);
  interrupts_.newest_ = outer_;
}

}  // namespace sampan::cli
