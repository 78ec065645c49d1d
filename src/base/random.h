#pragma once

#include <string>

#include "base/bytes.h"

namespace sampan {

/// Fills `room` from the kernel's generator (getrandom(2)): good for keys and tokens. Aborts where the kernel
/// has none to give.
void fill_random(ByteSpan room);

/// `bytes` random bytes in hex: an id that cannot be guessed.
std::string random_token(std::size_t bytes = 16);

}  // namespace sampan
