#include "base/random.h"

#include <cerrno>
#include <cstdlib>

#include <sys/random.h>

#include "base/encoding.h"

namespace sampan {

void fill_random(ByteSpan room) {
  while (!room.empty()) {
    const ssize_t got = getrandom(room.data(), room.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) std::abort();
    room = room.subspan(static_cast<std::size_t>(got));
  }
}

std::string random_token(std::size_t bytes) {
  std::string raw(bytes, '\0');
  fill_random(std::as_writable_bytes(std::span(raw)));
  return encode_hex(as_bytes(raw));
}

}  // namespace sampan
