#pragma once

#include <string>

#include <sys/types.h>

#include "base/unique_fd.h"

/// Each call of the lesson goes through here: its Python name and what came of it are printed, and the first
/// that fails ends the tour with its name and reason.
namespace sampan::s00_sockets {

/// Python's name for a step and what came of it.
void note(const std::string& call, const std::string& outcome);
/// The same of a call that must work; its number if it has one to tell. Throws StreamError.
ssize_t step(const std::string& call, ssize_t result);
/// Owned: it is closed at the end of its scope, also when an exception passes by.
UniqueFd new_socket(int family, int type);

}  // namespace sampan::s00_sockets
