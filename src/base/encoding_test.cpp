#include "base/encoding.h"

#include <array>

#include <gtest/gtest.h>

namespace sampan {
namespace {

TEST(Base64, RfcVectorsBothWays) {  // RFC 4648 section 10
  const std::array<std::pair<std::string_view, std::string_view>, 7> vectors = {{{"", ""},
                                                                                 {"f", "Zg=="},
                                                                                 {"fo", "Zm8="},
                                                                                 {"foo", "Zm9v"},
                                                                                 {"foob", "Zm9vYg=="},
                                                                                 {"fooba", "Zm9vYmE="},
                                                                                 {"foobar", "Zm9vYmFy"}}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(encode_base64(as_bytes(plain)), encoded);
    EXPECT_EQ(decode_base64(encoded), plain);
  }
}

TEST(Base64, RefusesWhatHasAnotherSpelling) {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zh==", "Zm9=", "Zm 8", "=Zm8", "Zg==Zg==", "Zm9v\n"})
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
}

TEST(Hex, BothWaysAndRefusals) {
  EXPECT_EQ(encode_hex(as_bytes("\x01\xab")), "01ab");
  EXPECT_EQ(decode_hex("01AB"), "\x01\xab");
  EXPECT_EQ(decode_hex("0"), std::nullopt);
  EXPECT_EQ(decode_hex("0g"), std::nullopt);
}

TEST(LittleEndian, BytesAreWhereTheProtocolSays) {
  std::array<std::byte, 8> bytes{};
  store_le32(bytes, 0x01020304);
  EXPECT_EQ(encode_hex(bytes), "0403020100000000");
  EXPECT_EQ(load_le32(bytes), 0x01020304U);
  store_le64(bytes, 0x0102030405060708);
  EXPECT_EQ(encode_hex(bytes), "0807060504030201");
  EXPECT_EQ(load_le64(bytes), 0x0102030405060708U);
}

}  // namespace
}  // namespace sampan
