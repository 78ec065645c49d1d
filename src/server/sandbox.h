#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace sampan::server {

/// What a server may still touch once it has shut itself in.
struct Sandbox {
  std::vector<std::string> writable;  ///< directories: everything below them
  std::vector<std::string> readable;  ///< files, or directories with everything below
};

/// The second wall around the homes: from now on this thread, and every thread it starts, reaches only these
/// paths, whatever a bug in the first wall would let through (Landlock, Linux 5.13). True where the kernel
/// has it, false where it has not. Call before other threads start.
Result<bool> enter_sandbox(const Sandbox& sandbox);

}  // namespace sampan::server
