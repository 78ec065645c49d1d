#include "wire/time/ntp.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace sampan::wire::time {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

Instant at(std::int64_t whole, std::int64_t rest = 0) {
  return Instant(seconds(whole) + nanoseconds(rest));
}
std::string hex(std::string_view bytes) {
  return encode_hex(as_bytes(bytes));
}

// RFC 868, RFC 5905 figure 4, and both sides of the moment when the 32 bits of seconds begin again.
TEST(NtpTimestamp, CountsFrom1900AndBeginsAgainIn2036) {
  const std::pair<Instant, std::uint64_t> cases[] = {
      {at(0), 2'208'988'800ULL << 32},            // 1970
      {at(63'072'000), 2'272'060'800ULL << 32},   // 1972: UTC begins
      {at(946'684'799), 3'155'673'599ULL << 32},  // the last of 1999
      {at(0, 500'000'000), 2'208'988'800ULL << 32 | 0x8000'0000U},
      {at(0, 250'000'000), 2'208'988'800ULL << 32 | 0x4000'0000U},
      {at(2'085'978'495), 0xFFFF'FFFFULL << 32},  // 2036-02-07 06:28:15
      {at(2'085'978'496), 1},                     // one second later: era 1; 0 is taken for "unknown"
      {at(2'085'978'497), 1ULL << 32},
      {at(-1), 2'208'988'799ULL << 32},
  };
  for (const auto& [time, bits] : cases) {
    EXPECT_EQ(to_ntp(time).bits, bits);
    EXPECT_EQ(from_ntp(NtpTimestamp{bits}, time + hours(24 * 365 * 30)), time);
    EXPECT_EQ(from_ntp(NtpTimestamp{bits}, time - hours(24 * 365 * 30)), time);
  }
}

TEST(NtpTimestamp, KeepsNanoseconds) {
  for (std::int64_t ns = 0; ns < 1'000'000'000; ns += 7'654'321)
    for (const std::int64_t more : {0, 1, 999})
      EXPECT_EQ(from_ntp(to_ntp(at(1'800'000'000, ns + more)), at(1'800'000'000)),
                at(1'800'000'000, ns + more));
}

std::string request(std::uint8_t first) {
  std::string packet(48, '\0');
  packet[0] = static_cast<char>(first);
  packet[2] = 6;
  packet.replace(40, 8, "COOKIE!!");
  return packet;
}

TEST(NtpRequest, IsModeThreeOfVersionsOneToFour) {
  for (int first = 0; first < 256; ++first) {
    const auto read = decode_ntp_request(as_bytes(request(static_cast<std::uint8_t>(first))));
    const int version = first >> 3 & 7;
    ASSERT_EQ(read.has_value(), (first & 7) == 3 && version >= 1 && version <= 4) << first;
    if (!read) continue;
    EXPECT_EQ(read->version, version);
    EXPECT_EQ(read->poll, 6);
    EXPECT_EQ(read->transmit.bits, 0x434F'4F4B'4945'2121U);
  }
}

TEST(NtpRequest, HasTheRightSize) {
  const std::string packet = request(0x23);
  for (std::size_t size = 0; size < 48; ++size)
    EXPECT_FALSE(decode_ntp_request(as_bytes(packet.substr(0, size)))) << size;
  for (std::size_t more = 0; more < 40; ++more)
    EXPECT_EQ(decode_ntp_request(as_bytes(packet + std::string(more, 'x'))).has_value(), more % 4 == 0)
        << more;
}

TEST(NtpRequest, IsNotText) {
  // '#' is version 4, mode 3. The second byte, a stratum, tells a format from a packet.
  std::string text = "#%Y-%m-%d is a question of the tutorial's kind!!";
  ASSERT_EQ(text.size(), 48U);
  EXPECT_FALSE(decode_ntp_request(as_bytes(text)));
  text[1] = 16;
  EXPECT_TRUE(decode_ntp_request(as_bytes(text)));
  text[1] = 17;
  EXPECT_FALSE(decode_ntp_request(as_bytes(text)));
}

NtpClock good_clock() {
  NtpClock clock;
  clock.stratum = 2;
  clock.precision = -20;
  clock.reference_id = "GPS";
  clock.root_delay = milliseconds(1500);
  clock.root_dispersion = microseconds(1);
  return clock;
}

TEST(NtpReply, IsLaidOutAsTheRfcSays) {
  const NtpRequest asked = *decode_ntp_request(as_bytes(request(0x1B)));
  const std::string reply = encode_ntp_reply(asked, good_clock(), at(0, 500'000'000), at(1, 250'000'000));
  EXPECT_EQ(hex(reply),
            "1c0206ec"            // no warning, version 3 as asked, mode 4; stratum 2, poll 6, precision -20
            "00018000"            // root delay 1.5 s
            "00000001"            // root dispersion, rounded up
            "47505300"            // "GPS"
            "83aa7e8080000000"    // reference
            "434f4f4b49452121"    // originate: as asked
            "83aa7e8080000000"    // receive
            "83aa7e8140000000");  // transmit
}

TEST(NtpReply, BoundsAreClampedNotWrapped) {
  const NtpRequest asked = *decode_ntp_request(as_bytes(request(0x23)));
  NtpClock clock = good_clock();
  clock.root_delay = seconds(100'000);
  clock.root_dispersion = seconds(-1);
  clock.reference_id = "TOO LONG";
  clock.leap = Leap::longer_minute;
  const std::string reply = encode_ntp_reply(asked, clock, at(0), at(0));
  EXPECT_EQ(hex(reply.substr(0, 16)),
            "640206ec"
            "ffff0000"
            "00000000"
            "544f4f20");
}

TEST(NtpReply, KissOfDeath) {
  const NtpRequest asked = *decode_ntp_request(as_bytes(request(0x23)));
  const std::string reply = encode_ntp_kiss(asked, "RATE");
  EXPECT_EQ(hex(reply.substr(0, 16)),
            "e4000600"
            "00000000"
            "00000000"
            "52415445");
  EXPECT_EQ(reply.substr(24, 8), "COOKIE!!");
  const auto read = decode_ntp_reply(as_bytes(reply), asked.transmit);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::busy);
  EXPECT_NE(read.error().detail().find("RATE"), std::string::npos);
}

TEST(NtpReply, IsOnlyBelievedAsTheAnswerToTheQuestion) {
  const NtpTimestamp cookie{0x1234'5678'9ABC'DEF0};
  const auto asked = decode_ntp_request(as_bytes(encode_ntp_request(cookie)));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->version, 4);
  const std::string good = encode_ntp_reply(*asked, good_clock(), at(5), at(6));
  const auto read = decode_ntp_reply(as_bytes(good), cookie);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->stratum, 2);
  EXPECT_EQ(read->received, to_ntp(at(5)));
  EXPECT_EQ(read->sent, to_ntp(at(6)));
  EXPECT_EQ(decode_ntp_reply(as_bytes(good), NtpTimestamp{1}).error().code(), ErrorCode::bad_request);
  EXPECT_EQ(decode_ntp_reply(as_bytes(good.substr(0, 47)), cookie).error().code(), ErrorCode::bad_request);

  const auto broken = [&](std::size_t place, char byte) {
    std::string packet = good;
    packet[place] = byte;
    return decode_ntp_reply(as_bytes(packet), cookie).error().code();
  };
  EXPECT_EQ(broken(0, 0x23), ErrorCode::bad_request);    // a question
  EXPECT_EQ(broken(0, 0x25), ErrorCode::bad_request);    // a broadcast
  EXPECT_EQ(broken(0, '\xE4'), ErrorCode::unsupported);  // unsynchronized
  EXPECT_EQ(broken(1, 16), ErrorCode::unsupported);      // likewise
  EXPECT_EQ(broken(5, 16), ErrorCode::unsupported);      // 16 seconds away from its source
  EXPECT_EQ(broken(9, 16), ErrorCode::unsupported);
  std::string no_time = good;
  no_time.replace(40, 8, 8, '\0');
  EXPECT_EQ(decode_ntp_reply(as_bytes(no_time), cookie).error().code(), ErrorCode::unsupported);
}

// RFC 4330 section 5, with a server 10 s ahead and ways of 30 and 50 ms.
TEST(NtpMeasurement, HalfOfTheDifferenceIsTheError) {
  const Instant t1 = at(1'800'000'000);
  NtpReply reply;
  reply.received = to_ntp(t1 + seconds(10) + milliseconds(30));
  reply.sent = to_ntp(t1 + seconds(10) + milliseconds(31));
  const auto measured = measure(t1, reply, t1 + milliseconds(81));
  EXPECT_EQ(measured.delay, milliseconds(80));
  EXPECT_EQ(measured.offset, seconds(10) - milliseconds(10));
}

TEST(NtpMeasurement, WorksAcrossTheEras) {
  const Instant t1 = at(2'085'978'495, 900'000'000);  // 100 ms before 2036's turn
  NtpReply reply;
  reply.received = to_ntp(t1 + milliseconds(50));
  reply.sent = to_ntp(t1 + milliseconds(150));
  const auto measured = measure(t1, reply, t1 + milliseconds(200));
  EXPECT_LE(std::chrono::abs(measured.delay - milliseconds(100)), nanoseconds(2));
  EXPECT_LE(std::chrono::abs(measured.offset), nanoseconds(2));
}

}  // namespace
}  // namespace sampan::wire::time
