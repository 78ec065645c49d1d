#include "services/command/command.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/quantity.h"
#include "base/system_error.h"
#include "base/unique_fd.h"
#include "net/readable_set.h"
#include "services/command/warden.h"

namespace sampan::services {
namespace {

constexpr std::size_t read_size = 64 * 1024;

struct Pipe {
  UniqueFd out;  // non-blocking
  UniqueFd in;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(system_error(errno, "pipe"));
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  if (fcntl(pipe.out.get(), F_SETFL, O_NONBLOCK) != 0) return fail(system_error(errno, "pipe"));
  return pipe;
}

/// One of the two outputs, as far as it was read.
struct Output {
  UniqueFd from;  // none: there is no more
  std::string text;
};

}  // namespace

struct Command::State {
  State(CommandLimits allowed, net::ReadableSet watched) : limits(allowed), set(std::move(watched)) {}

  CommandLimits limits;
  net::ReadableSet set;
  Output output;
  Output errors;
  UniqueFd leash;
  UniqueFd report;
  UniqueFd warden;
  pid_t warden_pid = -1;
  std::optional<CommandOutcome::End> ended_by_us;

  std::size_t room() const {
    const std::size_t used = output.text.size() + errors.text.size();
    return limits.output > used ? limits.output - used : 0;
  }
  void end(CommandOutcome::End why) {
    if (!leash) return;
    ended_by_us = why;
    leash.reset();
  }
  bool take_from(Output& from);
  void hang_up(Output& from);
  CommandOutcome outcome();
};

// What is there now, a piece of it; false where there is nothing.
bool Command::State::take_from(Output& from) {
  if (!from.from) return false;
  std::array<char, read_size> buffer;
  const ssize_t got = read(from.from.get(), buffer.data(), buffer.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
  if (got <= 0) {
    hang_up(from);
    return false;
  }
  const std::size_t fits = std::min(static_cast<std::size_t>(got), room());
  from.text.append(buffer.data(), fits);
  if (fits == static_cast<std::size_t>(got)) return true;
  end(CommandOutcome::End::too_loud);
  hang_up(output);
  hang_up(errors);
  return false;
}

void Command::State::hang_up(Output& from) {
  if (from.from) set.remove(from.from.get());
  from.from.reset();
}

CommandOutcome Command::State::outcome() {
  using End = CommandOutcome::End;
  WardenReport told;
  const bool is_told = read(report.get(), &told, sizeof(told)) == sizeof(told);
  CommandOutcome result;
  result.output = std::move(output.text);
  result.errors = std::move(errors.text);
  const int status = told.wait_status;
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
  if (!is_told) {
    result.end = End::killed;  // together with its warden
    result.status = SIGKILL;
  } else if (told.reason == WardenReport::Reason::exited) {
    result.end = WIFEXITED(status) ? End::exited : End::killed;
  } else if (told.reason == WardenReport::Reason::out_of_time) {
    result.end = End::too_long;
  } else if (told.reason == WardenReport::Reason::too_many_processes) {
    result.end = End::too_many;
  }
  // Output beyond the limit is too much also where the command was quick to end.
  if (ended_by_us && (result.end == End::exited || told.reason == WardenReport::Reason::dismissed))
    result.end = *ended_by_us;
  return result;
}

Command::Command(std::unique_ptr<State> state) : state_(std::move(state)) {}

Command::~Command() {
  end();
  if (state_->warden_pid < 0) return;
  int status = 0;
  while (waitpid(state_->warden_pid, &status, 0) < 0 && errno == EINTR) continue;
}

Result<std::shared_ptr<Command>> Command::start(net::EventLoop& loop, std::string_view text,
                                                const CommandLimits& limits) {
  if (text.find('\0') != std::string_view::npos)
    return fail(ErrorCode::invalid, "a command with a NUL byte in it");
  const std::string command_text(text);
  auto set = net::ReadableSet::make(loop);
  auto output = make_pipe();
  auto errors = make_pipe();
  auto leash = make_pipe();
  auto report = make_pipe();
  const UniqueFd nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  for (const auto* pipe : {&output, &errors, &leash, &report})
    if (!*pipe) return fail(pipe->error());
  if (!set) return fail(set.error());
  if (!nothing) return fail(system_error(errno, "open /dev/null"));

  auto state = std::make_unique<State>(limits, std::move(*set));
  const WardenOrders orders = {.text = command_text.c_str(),
                               .milliseconds = static_cast<std::uint64_t>(limits.time.count()),
                               .processes = limits.processes,
                               .nothing = nothing.get(),
                               .output = output->in.get(),
                               .errors = errors->in.get(),
                               .leash = leash->out.get(),
                               .report = report->in.get()};
  state->warden_pid = fork();
  if (state->warden_pid == 0) be_warden(orders);
  if (state->warden_pid < 0) return fail(ErrorCode::busy, "no more processes: " + errno_text(errno));
  // From here on the leash is what ends it, also on the ways out below.
  state->leash = std::move(leash->in);
  state->output.from = std::move(output->out);
  state->errors.from = std::move(errors->out);
  state->report = std::move(report->out);
  std::shared_ptr<Command> command(new Command(std::move(state)));
  State& running = *command->state_;
  running.warden.reset(static_cast<int>(syscall(SYS_pidfd_open, running.warden_pid, 0)));
  if (!running.warden) return fail(system_error(errno, "watch a process"));
  for (const UniqueFd* watched : {&running.output.from, &running.errors.from, &running.warden})
    if (auto added = running.set.add(watched->get()); !added) return fail(added.error());
  return command;
}

net::Task<CommandOutcome> Command::wait() {
  State& state = *state_;
  assert(state.warden_pid >= 0);
  for (bool over = false; !over;) {
    const std::vector<int> ready = co_await state.set.wait();
    for (const int descriptor : ready) {
      if (descriptor == state.output.from.get()) (void)state.take_from(state.output);
      if (descriptor == state.errors.from.get()) (void)state.take_from(state.errors);
      over = over || descriptor == state.warden.get();
    }
  }
  // Whoever could write is gone: what is in the pipes now is all.
  while (state.take_from(state.output)) continue;
  while (state.take_from(state.errors)) continue;
  int status = 0;
  waitpid(state.warden_pid, &status, 0);  // it has ended: this does not wait
  state.warden_pid = -1;
  co_return state.outcome();
}

void Command::end() {
  state_->end(CommandOutcome::End::abandoned);
}

std::string CommandOutcome::remark(const CommandLimits& limits) const {
  switch (end) {
    case End::exited:
      return {};
    case End::killed:
      return fmt::format("ended by signal {}", status);
    case End::too_long:
      return fmt::format("ended after {} s, its limit of time",
                         static_cast<double>(limits.time.count()) / 1000);
    case End::too_loud:
      return fmt::format("ended: it wrote more than {}", format_size(limits.output));
    case End::too_many:
      return fmt::format("ended: more than {} processes and threads at once", limits.processes);
    case End::abandoned:
      return "ended: nobody waited for it any more";
  }
  return {};
}

}  // namespace sampan::services
