#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

/// The tutorial's chat: a datagram is a message, UTF-8 with nothing around it. It has no names, numbers or
/// acknowledgements.
namespace sampan::wire::chat {

/// What the tutorial's programs read of one datagram; the rest they lose without a word.
inline constexpr std::size_t message_max = 1024;

/// What was typed, as it may be sent: without the white space around it. invalid, saying why, if nothing is
/// left, if it is too long, or if it is not UTF-8 (which would end the tutorial's programs).
Result<std::string> outgoing(std::string_view typed);

/// The tutorial's line for a message, safe on a terminal whatever the peer sent:
/// "来自[ADDRESS]的一条消息:TEXT", the text on blue where `colour`.
std::string shown(std::string_view address, std::string_view text, bool colour);

}  // namespace sampan::wire::chat
