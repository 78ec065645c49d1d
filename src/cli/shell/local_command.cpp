#include "cli/shell/local_command.h"

#include <cerrno>
#include <cstdlib>
#include <vector>

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/system_error.h"
#include "cli/console.h"
#include "cli/session.h"

namespace sampan::cli {
namespace {

constexpr int signalled = 128;

/// The child begins with no signal blocked, whatever this process does with its own.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

}  // namespace

int run_local_command(Context& context, const std::string& command) {
  const char* chosen = std::getenv("SHELL");
  std::string shell = chosen != nullptr && *chosen != 0 ? chosen : "/bin/sh";
  std::string flag = "-c";
  std::string text = command;
  std::vector<char*> arguments = {shell.data()};
  if (text.find_first_not_of(" \t") != std::string::npos) {
    arguments.push_back(flag.data());
    arguments.push_back(text.data());
  }
  arguments.push_back(nullptr);

  const Interrupts::Handler not_ours(
      context.session.interrupts(), [] {}, Interrupts::Times::every);
  context.console.flush();
  pid_t child = 0;
  const SpawnAttributes attributes;
  if (const int error =
          posix_spawn(&child, shell.c_str(), nullptr, attributes.get(), arguments.data(), environ);
      error != 0)
    return context.console.fail("!", {}, system_error(error, "start " + shell));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : signalled + WTERMSIG(status);
}

}  // namespace sampan::cli
