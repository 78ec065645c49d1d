#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace sampan {

/// The Error of an errno value after a failed system call. `doing` says what failed, for causes that have no
/// word of their own
/// ("sync"); it must not name a path of the server.
Error system_error(int error_number, std::string_view doing);

/// The text of an errno value, thread-safe: "No space left on device".
std::string errno_text(int error_number);

}  // namespace sampan
