#pragma once

#include <optional>
#include <string_view>

#include "base/secret.h"

namespace sampan::login {

/// SASLprep (RFC 4013), as GNU SASL does it to every name in a SCRAM message: one spelling for what looks
/// alike. Nothing where it does not apply: a NUL, characters that it forbids or (being of 2002) does not
/// know, or nothing left.
std::optional<Secret> saslprep(std::string_view text);

}  // namespace sampan::login
