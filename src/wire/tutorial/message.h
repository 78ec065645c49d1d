#pragma once

#include <cstddef>
#include <string_view>

namespace sampan::wire::tutorial {

/// What the tutorial's programs take in with one recv(), and for one message. What is longer they read in
/// parts; a part that ends within a character ends them.
inline constexpr std::size_t message_max = 1024;

/// The longest start of `text` that is one message: at most `limit` (over 3) bytes, and no UTF-8 character
/// cut in two. Not empty unless `text` is.
std::string_view first_message(std::string_view text, std::size_t limit = message_max);

}  // namespace sampan::wire::tutorial
