#include "wire/tutorial/header.h"

#include <gtest/gtest.h>

#include "wire/tutorial/length.h"

namespace sampan::wire::tutorial {
namespace {

std::string json_of(const Result<std::string>& frame) {
  EXPECT_TRUE(frame);
  if (!frame) return {};
  EXPECT_EQ(decode_header_length(as_bytes(*frame)), frame->size() - length_size);
  return frame->substr(length_size);
}

TEST(AnswerHeader, IsTheTutorialsBytes) {
  const AnswerHeader header = {"fdsaf2143254f", "f1.txt", 8893};
  const auto frame = encode_header(header);
  ASSERT_TRUE(frame);
  EXPECT_EQ(*frame, std::string("\x43\0\0\0", 4) +
                        R"({"md5": "fdsaf2143254f", "file_name": "f1.txt", "total_size": 8893})");
  EXPECT_EQ(decode_answer_header(json_of(frame)), header);
}

TEST(FileHeader, IsTheTutorialsBytes) {
  const FileHeader header = {"报告.txt", "报告.txt", 0};
  const std::string json = json_of(encode_header(header));
  EXPECT_EQ(json, R"({"file_path": "\u62a5\u544a.txt", "file_name": "\u62a5\u544a.txt", "file_size": 0})");
  EXPECT_EQ(decode_file_header(json), header);
}

TEST(RequestHeader, IsTheTutorialsBytes) {
  const RequestHeader header = {"put", "a b.bin", 9'007'199'254'740'993};  // 2^53 + 1
  const std::string json = json_of(encode_header(header));
  EXPECT_EQ(json, R"({"cmd": "put", "filename": "a b.bin", "filesize": 9007199254740993})");
  EXPECT_EQ(decode_request_header(json), header);
}

TEST(RequestHeader, NeedsNothingButACommand) {
  EXPECT_EQ(decode_request_header(R"({"cmd": "__init__"})"), (RequestHeader{"__init__", {}, {}}));
  EXPECT_EQ(json_of(encode_header(RequestHeader{"x", {}, {}})), R"({"cmd": "x"})");
}

TEST(Header, IsReadAsLoadsReadsIt) {
  const FileHeader expected = {"", "报告 😀", 7};
  for (const std::string_view json : {
           R"({"file_name": "报告 😀", "file_size": 7})",
           R"({"file_size":7,"file_name":"\u62A5\u544a \ud83d\ude00"})",
           "\r\n\t {  \"file_size\" :7 , \"file_name\"\n: \"\xE6\x8A\xA5告 \\uD83D\\uDE00\" } \n",
           R"({"file_name": 1, "file_name": "报告 😀", "file_size": "x", "file_size": 7})",
           R"({"later": {"a": [1, 2.5, null]}, "file_name": "报告 😀", "file_size": 7, "x": 1e400})",
       })
    EXPECT_EQ(decode_file_header(json), expected) << json;
}

TEST(Header, NamesThatAreNotUtf8Pass) {
  const FileHeader header = {"", "caf\xE9 \xFF", 1};
  const std::string json = json_of(encode_header(header));
  EXPECT_EQ(json, R"({"file_path": "", "file_name": "caf\udce9 \udcff", "file_size": 1})");
  EXPECT_EQ(decode_file_header(json), header);
}

TEST(Header, WhatIsNoHeaderIsRefused) {
  for (const std::string_view json : {
           "",
           " ",
           "7",
           "null",
           "[]",
           "\"put\"",
           "{",
           "{}x",
           "{} {}",
           "{'file_name': 1}",
           R"({"file_name": "a", "file_size": NaN})",
           R"({"file_name": "a", "file_size": Infinity})",
           R"({"file_name": "a", "file_size": -Infinity})",
           R"({"file_name": "a", "file_size": -1})",
           R"({"file_name": "a", "file_size": 1.0})",
           R"({"file_name": "a", "file_size": 0.5})",
           R"({"file_name": "a", "file_size": 1e3})",
           R"({"file_name": "a", "file_size": "7"})",
           R"({"file_name": "a", "file_size": true})",
           R"({"file_name": "a", "file_size": null})",
           R"({"file_name": "a", "file_size": [7]})",
           R"({"file_name": "a", "file_size": 9223372036854775808})",
           R"({"file_name": "a", "file_size": 99999999999999999999999})",
           R"({"file_name": "a", "file_size": 07})",
           R"({"file_name": "a"})",
           R"({"file_size": 7})",
           R"({"file_name": 7, "file_size": 7})",
           R"({"file_name": null, "file_size": 7})",
           R"({"file_path": 7, "file_name": "a", "file_size": 7})",
           R"({"file_name": "\ud83d", "file_size": 7})",           // half a character
           R"({"file_name": "\udc7f", "file_size": 7})",           // stands for no byte
           R"({"file_name": "\ude00\ud83d", "file_size": 7})",     // the halves the wrong way round
           "{\"file_name\": \"a\nb\", \"file_size\": 7}",          // a raw line end in a string
           "{\"file_name\": \"\xFF\", \"file_size\": 7}",          // no UTF-8
           "{\"file_name\": \"\xED\xB2\x80\", \"file_size\": 7}",  // no UTF-8 either
           "\xEF\xBB\xBF{\"file_name\": \"a\", \"file_size\": 7}",
       }) {
    const auto header = decode_file_header(json);
    ASSERT_FALSE(header) << json;
    EXPECT_EQ(header.error().code(), ErrorCode::bad_request) << json;
  }
  EXPECT_EQ(decode_file_header(R"({"file_name": "a", "file_size": -1})").error().detail(),
            "\"file_size\" must be a whole number from 0 to 2^63-1");
  EXPECT_FALSE(decode_request_header(R"({"cmd": "put", "filename": "a", "filesize": null})"));
  EXPECT_FALSE(decode_request_header(R"({"cmd": 1})"));
  EXPECT_FALSE(decode_answer_header(R"({"md5": 1, "file_name": "a", "total_size": 0})"));
}

TEST(Header, EveryBeginningOfOneIsNone) {
  const std::string json = R"({"cmd": "put", "filename": "\ud83d\ude00", "filesize": 12})";
  ASSERT_TRUE(decode_request_header(json));
  for (std::size_t size = 0; size < json.size(); ++size)
    EXPECT_FALSE(decode_request_header(json.substr(0, size))) << size;
}

TEST(Header, TextsHaveAnEnd) {
  const auto header_with = [](std::size_t size) {
    return R"({"file_size": 0, "file_name": ")" + std::string(size, 'n') + "\"}";
  };
  EXPECT_TRUE(decode_file_header(header_with(4096)));
  EXPECT_FALSE(decode_file_header(header_with(4097)));
  // Six bytes of JSON for one of the name, and the whole must stay below 64 KiB.
  EXPECT_TRUE(encode_header(FileHeader{"", std::string(10'000, '\xFF'), 0}));
  const auto too_long = encode_header(FileHeader{"", std::string(11'000, '\xFF'), 0});
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code(), ErrorCode::invalid);
}

}  // namespace
}  // namespace sampan::wire::tutorial
