#pragma once

#include <functional>
#include <string>

#include "base/bytes.h"
#include "net/byte_stream.h"

namespace sampan::remote_command {

/// Sends one command and shows its answer: the lesson. Throws StreamError.
using Ask = std::function<net::Task<>(net::ByteStream& stream, const std::string& command)>;

/// The main of a client: asks each line of standard input over one connection, one after the other. Empty
/// lines are not sent, as there is nothing to send; nor are lines that a server cannot take.
int run_client(int count, char** arguments, const std::string& about, const Ask& ask);

/// A piece of an answer, on standard output as it came.
void show(ByteView bytes);

}  // namespace sampan::remote_command
