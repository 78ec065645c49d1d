#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "net/byte_stream.h"
#include "net/event_loop.h"

namespace sampan::net::testing {

/// What lies between the two ends.
struct Line {
  std::uint64_t from_first = UINT64_MAX;   ///< bytes that it carries from the first end; then it is cut
  std::uint64_t from_second = UINT64_MAX;  ///< and from the second: a cut is one for both
  std::size_t piece = SIZE_MAX;            ///< what one read gets at most
  std::size_t holds = SIZE_MAX;            ///< bytes unread behind which a writer waits
  std::chrono::microseconds round_trip{};  ///< what the ends say of it; nothing takes that long
  bool loses_packets = false;              ///< what they say of that; nothing gets lost
};

/// Two connected ends without a socket. They keep the contract of ByteStream, which byte_stream_test.cpp
/// holds them and socket streams to; what was written waits, however much the line holds, until the other
/// side reads.
std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> memory_pair(EventLoop& loop);
std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> memory_pair(EventLoop& loop,
                                                                                const Line& line);

}  // namespace sampan::net::testing
