#include "wire/chat/message.h"

#include "base/text.h"

namespace sampan::wire::chat {

Result<std::string> outgoing(std::string_view typed) {
  constexpr std::string_view white = " \t\r\n\v\f";
  const std::size_t first = typed.find_first_not_of(white);
  if (first == typed.npos) return fail(ErrorCode::invalid, "an empty message");
  const std::string_view text = typed.substr(first, typed.find_last_not_of(white) - first + 1);
  if (text.size() > message_max)
    return fail(ErrorCode::invalid, "a message of " + std::to_string(text.size()) + " bytes: at most " +
                                        std::to_string(message_max));
  if (!is_utf8(text)) return fail(ErrorCode::invalid, "a message that is not UTF-8");
  return std::string(text);
}

std::string shown(std::string_view address, std::string_view text, bool colour) {
  const std::string safe = printable(text);
  return "来自[" + printable(address) + "]的一条消息:" + (colour ? "\x1b[1;44m" + safe + "\x1b[0m" : safe);
}

}  // namespace sampan::wire::chat
