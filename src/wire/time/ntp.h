#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

/// Time for others: the tutorial's question (format.h) and the Internet's.
namespace sampan::wire::time {

using Instant = std::chrono::sys_time<std::chrono::nanoseconds>;

inline constexpr std::size_t ntp_packet = 48;

/// Seconds since 1900 in the upper half, which starts again every 136 years (first in 2036), and fractions of
/// one in the lower. 0 means "not known".
struct NtpTimestamp {
  std::uint64_t bits = 0;
  bool operator==(const NtpTimestamp&) const = default;
};

NtpTimestamp to_ntp(Instant time);
/// The one of all moments with these bits that is closest to `near`, to the nanosecond.
Instant from_ntp(NtpTimestamp timestamp, Instant near);

enum class Leap : std::uint8_t { none, longer_minute, shorter_minute, unsynchronized };

/// A client's question, mode 3.
struct NtpRequest {
  std::uint8_t version = 4;
  std::uint8_t poll = 0;  ///< given back as it came
  NtpTimestamp transmit;  ///< likewise: it is how the client knows its answer
};

/// RFC 4330 section 5. Versions 1 to 4; what follows the first 48 bytes (extensions, a signature) is not
/// looked at. bad_request for everything else, also for text: no format (format.h) of 48 bytes or more has a
/// second byte below 17, but for white space after the first.
Result<NtpRequest> decode_ntp_request(ByteView packet);

/// What a server says about its clock.
struct NtpClock {
  Leap leap = Leap::none;
  std::uint8_t stratum = 0;   ///< 1: has a clock of its own; n + 1: asks one of n; at most 15
  std::int8_t precision = 0;  ///< its reading is good to 2^precision seconds
  std::string reference_id;   ///< four bytes
  std::chrono::nanoseconds root_delay{0};
  std::chrono::nanoseconds root_dispersion{0};
};

/// The answer, mode 4, 48 bytes: never more than the question. `received` and `sent` by the server's clock,
/// which was set last at `received`.
std::string encode_ntp_reply(const NtpRequest& request, const NtpClock& clock, Instant received,
                             Instant sent);
/// The answer that is none: "RATE" tells a client to ask less often (RFC 4330 section 8).
std::string encode_ntp_kiss(const NtpRequest& request, std::string_view code);

/// A question that nobody can answer who has not seen it: `cookie` is random, not the time.
std::string encode_ntp_request(NtpTimestamp cookie);

struct NtpReply {
  std::uint8_t stratum = 0;
  NtpTimestamp received;
  NtpTimestamp sent;
};

/// The server's part of a measurement. bad_request: not an answer to that question; busy: the server refuses,
/// naming its code; unsupported: the server says itself that its time is not to be trusted.
Result<NtpReply> decode_ntp_reply(ByteView packet, NtpTimestamp cookie);

/// What four clock readings tell: how far our clock is behind the server's, and how long the way was. The
/// offset is wrong by half of the delay at most.
struct NtpMeasurement {
  std::chrono::nanoseconds offset{0};
  std::chrono::nanoseconds delay{0};
};
NtpMeasurement measure(Instant asked, const NtpReply& reply, Instant answered);

}  // namespace sampan::wire::time
