#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

/// What the lessons with remote commands have in common: everything but how an answer is framed.
namespace sampan::remote_command {

/// The tutorial's servers read a command with recv(1024).
inline constexpr std::size_t request_max = 1024;

/// What goes before an answer, which is a command's standard output and then its standard error: the lesson.
using Head = std::function<Result<std::string>(std::string_view output, std::string_view errors)>;

/// The main of a server. Requests are unframed: bytes, and then a silence of --settle milliseconds. It
/// listens for this machine alone, and without --allow-commands it runs nothing and says so. A command ends
/// with its connection.
int run_server(int count, char** arguments, const std::string& about, const Head& head);

}  // namespace sampan::remote_command
