#pragma once

#include <cstddef>
#include <cstdint>

namespace sampan::services {

/// What the warden tells when everything is over.
struct WardenReport {
  enum class Reason : std::uint8_t { exited, out_of_time, too_many_processes, dismissed };
  Reason reason = Reason::exited;
  int wait_status = 0;  ///< of the shell, as waitpid(2) gives it
};

struct WardenOrders {
  const char* text = nullptr;  ///< for sh -c
  std::uint64_t milliseconds = 0;
  std::size_t processes = 0;  ///< with their threads
  int nothing = -1;           ///< /dev/null, to read from
  int output = -1;
  int errors = -1;
  int leash = -1;   ///< at its end (whoever holds the other one closed it, or died) everything is ended
  int report = -1;  ///< where a WardenReport goes
};

/// A process between us and a command, so that nothing the command starts can outlive it: what loses its
/// parent becomes the warden's child (PR_SET_CHILD_SUBREAPER), in whatever session it hid. It starts the
/// command, waits for its end or a limit, kills all of it, reaps all of it, reports and exits. To be called
/// in a forked child of a process with threads: only async-signal-safe calls, no memory taken.
[[noreturn]] void be_warden(const WardenOrders& orders);

}  // namespace sampan::services
