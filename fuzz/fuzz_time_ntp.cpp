// Any packet as a question and as an answer.
#include <cstdlib>

#include "wire/time/ntp.h"

namespace {

using namespace sampan;
using namespace sampan::wire::time;

void require(bool held) {
  if (!held) std::abort();
}

const Instant now{std::chrono::seconds(1'795'000'000)};

void as_request(ByteView packet) {
  const auto request = decode_ntp_request(packet);
  if (!request) return;
  NtpClock clock;
  clock.stratum = 10;
  const std::string reply = encode_ntp_reply(*request, clock, now, now);
  require(reply.size() == ntp_packet && reply.size() <= packet.size());
  const auto read = decode_ntp_reply(as_bytes(reply), request->transmit);
  require(read && read->received == to_ntp(now));
  const auto refused = decode_ntp_reply(as_bytes(encode_ntp_kiss(*request, "RATE")), request->transmit);
  require(!refused && refused.error().code() == ErrorCode::busy);
}

void as_reply(ByteView packet) {
  if (packet.size() < ntp_packet) return;
  NtpTimestamp cookie;
  for (const std::byte byte : packet.subspan(24, 8))
    cookie.bits = cookie.bits << 8 | std::to_integer<std::uint64_t>(byte);
  const auto reply = decode_ntp_reply(packet, cookie);
  if (!reply) return;
  const auto near = from_ntp(reply->received, now) - now;
  require(std::chrono::abs(near) <= std::chrono::hours(24 * 366 * 69));
  (void)measure(now, *reply, now + std::chrono::milliseconds(1));
  require(!decode_ntp_reply(packet, NtpTimestamp{cookie.bits + 1}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView packet(reinterpret_cast<const std::byte*>(data), size);
  as_request(packet);
  as_reply(packet);
  return 0;
}
