// Headers that are not the protocol, or only half: which of them end the connection, and what is known of the
// others.
#include <gtest/gtest.h>

#include "wire/native/codec.h"
#include "wire/native/frame.h"

namespace sampan::wire::native {
namespace {

std::string nested(std::size_t depth) {  // the header's object is the first level
  return R"({"op":"ping","x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

const std::string broken[] = {
    "",
    " ",
    "{",
    "}",
    R"({"op":"ping")",
    R"({"op":"ping",})",
    R"({"op":"ping"}})",
    R"({"op":"ping"} {"op":"quit"})",
    R"({"op":"ping"}x)",
    R"({op:"ping"})",
    R"({'op':'ping'})",
    R"({"op":"ping"/*no*/})",
    R"({"op":"ping","x":NaN})",
    R"({"op":"ping","x":Infinity})",
    R"({"op":"ping","x":-})",
    R"({"op":"ping","x":01})",
    R"({"op":"ping","x":+1})",
    R"({"op":"ping","x":.5})",
    R"({"op":"ping","x":"\x"})",
    R"({"op":"ping","x":"\ud800"})",
    R"({"op":"ping","x":"\udc00\ud800"})",
    "{\"op\":\"ping\",\"x\":\"a\nb\"}",
    "{\"op\":\"ping\",\"x\":\"\xff\"}",
    "{\"op\":\"ping\",\"x\":\"\xc0\xae\"}",
    "{\"op\":\"ping\",\"x\":\"\xed\xa0\x80\"}",
    "{\"op\":\"ping\",\"x\":\"\xf4\x90\x80\x80\"}",
    "{\"op\":\"ping\",\"x\":\"\xe6\x8a\"}",
    "{\"op\":\"ping\",\"\xff\":1}",
    "\xef\xbb\xbf{\"op\":\"ping\"}",
    std::string("{\"op\":\"ping\"}\0", 14),
    std::string("{\"op\":\"pi\0ng\"}", 14),
    std::string(100, '\0'),
    "null",
    "true",
    "7",
    "\"ping\"",
    "[]",
    R"([{"op":"ping"}])",
    nested(9),
    nested(200),
    std::string(header_max, '['),
    std::string(header_max, '{'),
    std::string(header_max, ' '),
    R"({"op":"ping","body":-1})",
    R"({"op":"ping","body":1.0})",
    R"({"op":"ping","body":1e2})",
    R"({"op":"ping","body":"1"})",
    R"({"op":"ping","body":null})",
    R"({"op":"ping","body":true})",
    R"({"op":"ping","body":9223372036854775808})",
    R"({"op":"ping","body":99999999999999999999999})",
};

TEST(BrokenHeader, EndsTheConnection) {
  for (const std::string& header : broken) {
    const auto request = decode_request(header);
    ASSERT_FALSE(request) << header;
    EXPECT_TRUE(request.error().fatal) << header;
    EXPECT_EQ(request.error().error.code(), ErrorCode::bad_request) << header;
    EXPECT_FALSE(request.error().error.detail().empty()) << header;
    EXPECT_FALSE(decode_reply_header(header)) << header;
    EXPECT_FALSE(decode_greeting(header)) << header;
  }
}

TEST(BrokenHeader, EveryBeginningOfAHeaderIsBroken) {
  const std::string header = R"({"op":"rename","id":12,"from":"/\u0041\n报","to":"/b","replace":true})";
  ASSERT_TRUE(decode_request(header));
  for (std::size_t size = 0; size < header.size(); ++size) {
    const auto request = decode_request(std::string_view(header).substr(0, size));
    ASSERT_FALSE(request) << size;
    EXPECT_TRUE(request.error().fatal) << size;
  }
}

TEST(BrokenHeader, AHalfRequestKeepsItsIdAndBody) {
  struct Half {
    std::string header;
    ErrorCode code;
    std::string says;
  };
  const Half halves[] = {
      {R"({"id":7,"body":4096})", ErrorCode::invalid, "\"op\" is missing"},
      {R"({"op":7,"id":7,"body":4096})", ErrorCode::invalid, "\"op\" must be a string"},
      {R"({"op":"","id":7,"body":4096})", ErrorCode::unsupported, "no such operation: "},
      {R"({"op":"Ping","id":7,"body":4096})", ErrorCode::unsupported, "no such operation: Ping"},
      {R"({"op":"ping\u0000","id":7,"body":4096})", ErrorCode::unsupported, "no such operation: ping\\x00"},
      {R"({"op":"put","id":7,"body":4096})", ErrorCode::invalid, "\"path\" is missing"},
      {R"({"op":"stat","path":[],"id":7,"body":4096})", ErrorCode::invalid, "\"path\" must be a string"},
  };
  for (const Half& half : halves) {
    const auto request = decode_request(half.header);
    ASSERT_FALSE(request) << half.header;
    EXPECT_FALSE(request.error().fatal) << half.header;
    EXPECT_EQ(request.error().id, 7U) << half.header;
    EXPECT_EQ(request.error().body, 4096U) << half.header;
    EXPECT_EQ(request.error().error.code(), half.code) << half.header;
    EXPECT_EQ(request.error().error.detail(), half.says);
  }
}

TEST(BrokenHeader, AnIdThatIsNoNumberIsRefusedWithoutOne) {
  for (const char* id : {"-1", "1.5", "\"7\"", "null", "[7]", "9223372036854775808"}) {
    const auto request = decode_request(R"({"op":"ping","body":5,"id":)" + std::string(id) + "}");
    ASSERT_FALSE(request) << id;
    EXPECT_FALSE(request.error().fatal);
    EXPECT_EQ(request.error().id, 0U);
    EXPECT_EQ(request.error().body, 5U);
    EXPECT_EQ(request.error().error.code(), ErrorCode::invalid);
  }
}

TEST(BrokenHeader, TheLimitsAreTaken) {
  EXPECT_TRUE(decode_request(nested(8)));
  std::string longest = R"({"op":"ping"})";
  longest.resize(header_max, ' ');
  EXPECT_TRUE(decode_request(longest));
  const std::string padding(header_max - 22, 'x');
  EXPECT_TRUE(decode_request(R"({"op":"ping","pad":")" + padding + "\"}"));
  EXPECT_TRUE(decode_request(R"({"op":"ping","x":1e300})"));
}

TEST(BrokenHeader, MoreThan64FieldsAreTooMany) {
  const auto with_fields = [](int count) {
    std::string header = R"({"op":"ping")";
    for (int i = 1; i < count; ++i) header += ",\"f" + std::to_string(i) + "\":0";
    return header + "}";
  };
  EXPECT_TRUE(decode_request(with_fields(64)));
  const auto request = decode_request(with_fields(65));
  ASSERT_FALSE(request);
  EXPECT_TRUE(request.error().fatal);
  EXPECT_FALSE(decode_request(R"({"op":"ping","x":)" + with_fields(65) + "}"));
}

TEST(BrokenHeader, AHugeUnknownOperationIsNotEchoed) {
  const auto request = decode_request(R"({"op":")" + std::string(60'000, 'a') + "\"}");
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().error.code(), ErrorCode::unsupported);
  EXPECT_LT(request.error().error.detail().size(), 100U);
}

TEST(BrokenHeader, ANumberBeyondAllNumbersIsNoCrash) {
  for (const char* number : {"1e400", "-1e400", "1e-400", "1e99999999999999999999"}) {
    const auto request = decode_request(R"({"op":"download.read","download":"d","length":1,"offset":)" +
                                        std::string(number) + "}");
    EXPECT_FALSE(request) << number;
  }
}

}  // namespace
}  // namespace sampan::wire::native
