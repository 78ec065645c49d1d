#include "wire/time/ntp.h"

#include <algorithm>

#include "base/text.h"

namespace sampan::wire::time {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::int64_t seconds_1900_to_1970 = 2'208'988'800;
constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint8_t client = 3;
constexpr std::uint8_t server = 4;
constexpr std::uint8_t newest_version = 4;
constexpr std::uint8_t stratum_max = 15;       // 16: unsynchronized; above: reserved
constexpr std::uint32_t root_max = 16U << 16;  // 16 seconds: as good as infinite

// Where each field begins (RFC 4330 section 4).
enum Field : std::size_t {
  leap_version_mode = 0,
  stratum = 1,
  poll = 2,
  precision = 3,
  root_delay = 4,
  root_dispersion = 8,
  reference_id = 12,
  reference_time = 16,
  originate_time = 24,
  receive_time = 32,
  transmit_time = 40,
};

std::uint8_t byte_at(ByteView packet, std::size_t at) {
  return std::to_integer<std::uint8_t>(packet[at]);
}

std::uint64_t load(ByteView packet, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | byte_at(packet, at + i);
  return value;
}

void store(std::string& packet, std::size_t at, std::size_t size, std::uint64_t value) {
  for (std::size_t i = size; i > 0; --i, value >>= 8) packet[at + i - 1] = static_cast<char>(value & 0xFFU);
}

NtpTimestamp load_time(ByteView packet, Field at) {
  return {load(packet, at, 8)};
}
void store_time(std::string& packet, Field at, NtpTimestamp time) {
  store(packet, at, 8, time.bits);
}

// Seconds as 16 bits before and 16 after the point, rounded up: a bound may not shrink.
std::uint32_t to_short(nanoseconds time) {
  const auto ns = static_cast<std::uint64_t>(std::clamp<std::int64_t>(time.count(), 0, 65'535 * second_ns));
  return static_cast<std::uint32_t>(((ns << 16) + second_ns - 1) / second_ns);
}

std::string blank(Leap leap, std::uint8_t version, std::uint8_t mode) {
  std::string packet(ntp_packet, '\0');
  packet[leap_version_mode] = static_cast<char>(static_cast<unsigned>(leap) << 6 | version << 3 | mode);
  return packet;
}

std::string answer(const NtpRequest& request, Leap leap) {
  std::string packet = blank(leap, request.version, server);
  packet[poll] = static_cast<char>(request.poll);
  store_time(packet, originate_time, request.transmit);
  return packet;
}

void put_reference(std::string& packet, std::string_view id) {
  const std::size_t count = std::min<std::size_t>(id.size(), 4);
  packet.replace(reference_id, count, id.substr(0, count));
}

}  // namespace

NtpTimestamp to_ntp(Instant time) {
  const auto whole = std::chrono::floor<seconds>(time);
  const auto rest = static_cast<std::uint64_t>((time - whole).count());
  const auto since_1900 = static_cast<std::uint64_t>(whole.time_since_epoch().count() + seconds_1900_to_1970);
  const std::uint64_t bits = since_1900 << 32 | (rest << 32) / second_ns;
  return {
      std::max<std::uint64_t>(bits, 1)};  // 0 would mean "not known", at the one moment when an era begins
}

Instant from_ntp(NtpTimestamp timestamp, Instant near) {
  const auto base = std::chrono::floor<seconds>(near);
  const auto base_bits = static_cast<std::uint32_t>(base.time_since_epoch().count() + seconds_1900_to_1970);
  const auto distance =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(timestamp.bits >> 32) - base_bits);
  const std::uint64_t fraction = timestamp.bits & 0xFFFF'FFFFU;
  const auto rest = static_cast<std::int64_t>((fraction * second_ns + (1ULL << 31)) >> 32);
  return base + seconds(distance) + nanoseconds(rest);
}

Result<NtpRequest> decode_ntp_request(ByteView packet) {
  if (packet.size() < ntp_packet || packet.size() % 4 != 0)
    return fail(ErrorCode::bad_request, "an NTP request has 48 bytes, or 4 more, or 8 ...");
  const std::uint8_t first = byte_at(packet, leap_version_mode);
  NtpRequest request;
  request.version = first >> 3 & 7U;
  if (request.version < 1 || request.version > newest_version)
    return fail(ErrorCode::bad_request,
                "NTP version " + std::to_string(request.version) + ": 1 to 4 are known");
  if ((first & 7U) != client)
    return fail(ErrorCode::bad_request, "NTP mode " + std::to_string(first & 7U) + ": a client's is 3");
  if (byte_at(packet, stratum) > stratum_max + 1)
    return fail(ErrorCode::bad_request, "an NTP stratum over 16");
  request.poll = byte_at(packet, poll);
  request.transmit = load_time(packet, transmit_time);
  return request;
}

std::string encode_ntp_reply(const NtpRequest& request, const NtpClock& clock, Instant received,
                             Instant sent) {
  std::string packet = answer(request, clock.leap);
  packet[stratum] = static_cast<char>(clock.stratum);
  packet[precision] = static_cast<char>(clock.precision);
  store(packet, root_delay, 4, to_short(clock.root_delay));
  store(packet, root_dispersion, 4, to_short(clock.root_dispersion));
  put_reference(packet, clock.reference_id);
  store_time(packet, reference_time, to_ntp(received));
  store_time(packet, receive_time, to_ntp(received));
  store_time(packet, transmit_time, to_ntp(sent));
  return packet;
}

std::string encode_ntp_kiss(const NtpRequest& request, std::string_view code) {
  std::string packet = answer(request, Leap::unsynchronized);
  put_reference(packet, code);
  store_time(packet, receive_time, request.transmit);
  store_time(packet, transmit_time, request.transmit);
  return packet;
}

std::string encode_ntp_request(NtpTimestamp cookie) {
  std::string packet = blank(Leap::none, newest_version, client);
  store_time(packet, transmit_time, cookie);
  return packet;
}

Result<NtpReply> decode_ntp_reply(ByteView packet, NtpTimestamp cookie) {
  if (packet.size() < ntp_packet) return fail(ErrorCode::bad_request, "an NTP reply of under 48 bytes");
  const std::uint8_t first = byte_at(packet, leap_version_mode);
  if ((first & 7U) != server) return fail(ErrorCode::bad_request, "not a server's NTP reply");
  if (load_time(packet, originate_time) != cookie)
    return fail(ErrorCode::bad_request, "an NTP reply to another question");
  NtpReply reply;
  reply.stratum = byte_at(packet, stratum);
  reply.received = load_time(packet, receive_time);
  reply.sent = load_time(packet, transmit_time);
  if (reply.stratum == 0)
    return fail(ErrorCode::busy,
                "the time server says " + printable(as_text(packet.subspan(reference_id, 4))));
  const bool trusts_itself = static_cast<Leap>(first >> 6) != Leap::unsynchronized &&
                             reply.stratum <= stratum_max && reply.sent.bits != 0 &&
                             load(packet, root_delay, 4) < root_max &&
                             load(packet, root_dispersion, 4) < root_max;
  if (!trusts_itself) return fail(ErrorCode::unsupported, "the time server does not trust its own clock");
  return reply;
}

NtpMeasurement measure(Instant asked, const NtpReply& reply, Instant answered) {
  const Instant received = from_ntp(reply.received, asked);
  const Instant sent = from_ntp(reply.sent, answered);
  return {((received - asked) + (sent - answered)) / 2, (answered - asked) - (sent - received)};
}

}  // namespace sampan::wire::time
