#include "wire/tutorial/message.h"

#include "base/text.h"

namespace sampan::wire::tutorial {

std::string_view first_message(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  // A character that is cut at `limit` began at most three bytes before; anything else there is none.
  for (std::size_t back = 1; back <= 3; ++back)
    if (first_character(text.substr(limit - back)).bytes > back) return text.substr(0, limit - back);
  return text.substr(0, limit);
}

}  // namespace sampan::wire::tutorial
