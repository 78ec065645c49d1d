#include "wire/tutorial/length.h"

#include <gtest/gtest.h>

namespace sampan::wire::tutorial {
namespace {

std::string four(unsigned a, unsigned b, unsigned c, unsigned d) {
  return {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c), static_cast<char>(d)};
}

TEST(Length, IsWhatPythonPacks) {
  // struct.pack('i', 183346) is the tutorial's own example.
  EXPECT_EQ(*encode_length(183'346), four(0x32, 0xcc, 0x02, 0x00));
  for (const std::uint64_t value : {0ULL, 1ULL, 255ULL, 256ULL, 65'536ULL, 16'777'216ULL, 2'147'483'647ULL}) {
    const auto bytes = encode_length(value);
    ASSERT_TRUE(bytes) << value;
    EXPECT_EQ(decode_length(as_bytes(*bytes)), static_cast<std::uint32_t>(value));
  }
}

TEST(Length, BeyondItsFourBytesIsAnOutcome) {
  for (const std::uint64_t value : {2'147'483'648ULL, 4'294'967'296ULL, ~0ULL}) {
    const auto bytes = encode_length(value);
    ASSERT_FALSE(bytes) << value;
    EXPECT_EQ(bytes.error().code(), ErrorCode::invalid);
    EXPECT_NE(bytes.error().detail().find(std::to_string(value)), std::string::npos);
  }
}

TEST(Length, NegativeIsNoLength) {
  for (const auto& bytes :
       {four(0xff, 0xff, 0xff, 0xff), four(0, 0, 0, 0x80), four(0xfe, 0xff, 0xff, 0xff)}) {
    const auto length = decode_length(as_bytes(bytes));
    ASSERT_FALSE(length);
    EXPECT_EQ(length.error().code(), ErrorCode::bad_request);
  }
  EXPECT_EQ(decode_length(as_bytes(four(0xff, 0xff, 0xff, 0xff))).error().detail(), "a negative length: -1");
}

TEST(Length, LooksAtFourBytesAndNoFurther) {
  EXPECT_EQ(decode_length(as_bytes(four(7, 0, 0, 0) + "\xff\xff")), 7U);
  for (const std::size_t size : {0U, 1U, 3U})
    EXPECT_FALSE(decode_length(as_bytes(four(7, 0, 0, 0).substr(0, size))));
}

TEST(HeaderLength, IsBetweenOneAnd64KiB) {
  for (const std::uint32_t value : {1U, 65'535U, 65'536U})
    EXPECT_EQ(decode_header_length(as_bytes(*encode_length(value))), value);
  for (const std::uint32_t value : {0U, 65'537U, 2'147'483'647U})
    EXPECT_FALSE(decode_header_length(as_bytes(*encode_length(value)))) << value;
  EXPECT_FALSE(decode_header_length(as_bytes("GET / HTTP/1.1")));
}

}  // namespace
}  // namespace sampan::wire::tutorial
