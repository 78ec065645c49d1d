#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/event_loop.h"
#include "net/task.h"

namespace sampan::services {

/// What one command may take of this machine.
struct CommandLimits {
  std::chrono::milliseconds time{10'000};
  std::size_t output = 16 << 20;  ///< bytes on both of its outputs together
  std::size_t processes = 64;     ///< at once with all it starts, threads included; counted every 10 ms
};

/// What became of a command.
struct CommandOutcome {
  enum class End : std::uint8_t {
    exited,     ///< by itself; `status` is its exit status
    killed,     ///< by a signal that was not ours; `status` is its number
    too_long,   ///< it was ended: a limit
    too_loud,   ///< likewise; the output is as long as the limit
    too_many,   ///< likewise
    abandoned,  ///< it was ended: nobody waits for it any more
  };
  End end = End::exited;
  int status = 0;
  std::string output;  ///< what it wrote to standard output, up to its end
  std::string errors;  ///< and to standard error

  /// For people: "ended after 10 s, its limit of time"; empty where it exited by itself.
  std::string remark(const CommandLimits& limits) const;
};

/// A command line that /bin/sh runs for somebody far away: with nothing on its standard input, a short clean
/// environment, no new privileges, in a session of its own, within limits. Both outputs are read as they
/// come. When the command ends, everything it started is ended with it; so it is when a limit is reached, by
/// end(), when the object goes, and when this process dies, whatever way. On one loop's thread; never blocks
/// it, but for the moment it takes to fork.
class Command {
 public:
  /// invalid where `text` holds a NUL byte; busy where the system has no more processes or descriptors.
  static Result<std::shared_ptr<Command>> start(net::EventLoop& loop, std::string_view text,
                                                const CommandLimits& limits);
  /// Ends it, and waits until it is gone (milliseconds) unless wait() has done so.
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// Until nothing of it is left, neither a process nor a zombie. Once.
  net::Task<CommandOutcome> wait();
  /// Now, rather than later. wait() then gives `abandoned`, soon.
  void end();

 private:
  struct State;
  explicit Command(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sampan::services
