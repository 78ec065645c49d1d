#include "wire/native/frame.h"

#include <gtest/gtest.h>

namespace sampan::wire::native {
namespace {

std::string prefix(std::uint32_t length) {
  std::string bytes;
  for (int i = 0; i < 4; ++i, length >>= 8) bytes += static_cast<char>(length & 0xff);
  return bytes;
}

TEST(HeaderLength, IsBetweenOneAnd64KiB) {
  for (const std::uint32_t length : {1U, 2U, 255U, 256U, 65'535U, 65'536U}) {
    const auto read = decode_header_length(as_bytes(prefix(length)));
    ASSERT_TRUE(read) << length;
    EXPECT_EQ(*read, length);
  }
  for (const std::uint32_t length : {0U, 65'537U, 0x0100'0000U, 0x7fff'ffffU, 0xffff'ffffU}) {
    const auto read = decode_header_length(as_bytes(prefix(length)));
    ASSERT_FALSE(read) << length;
    EXPECT_EQ(read.error().code(), ErrorCode::bad_request);
    EXPECT_NE(read.error().detail().find(std::to_string(length)), std::string::npos);
  }
}

TEST(HeaderLength, OtherProtocolsAreNotMistakenForOne) {
  for (const std::string_view hello : {std::string_view("\x16\x03\x01\x02\x00", 5),  // TLS ClientHello
                                       std::string_view("GET / HTTP/1.1"), std::string_view("SSH-2.0-")})
    EXPECT_FALSE(decode_header_length(as_bytes(hello))) << hello;
}

TEST(HeaderLength, LooksAtFourBytesAndNoFurther) {
  EXPECT_EQ(decode_header_length(as_bytes(prefix(7) + "\xff\xff")), 7U);
  for (const std::size_t size : {0U, 1U, 3U})
    EXPECT_FALSE(decode_header_length(as_bytes(prefix(7).substr(0, size))));
}

TEST(Frame, IsTheLengthThenTheHeader) {
  EXPECT_EQ(encode_frame("{}"), std::string("\x02\0\0\0{}", 6));
  const std::string longest(header_max, ' ');
  const std::string frame = encode_frame(longest);
  EXPECT_EQ(frame.substr(0, 4), std::string("\0\0\x01\0", 4));
  EXPECT_EQ(frame.substr(4), longest);
}

}  // namespace
}  // namespace sampan::wire::native
