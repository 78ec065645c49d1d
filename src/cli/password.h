#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace sampan::cli {

/// The first line of `file` without its newline; "-" is standard input, of which not a byte more than the
/// line is read. not_found, denied; invalid where it is empty or longer than 1024 bytes.
Result<Secret> read_password_file(const std::string& file);

}  // namespace sampan::cli
