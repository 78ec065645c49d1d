#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "wire/native/codec.h"
#include "wire/native/frame.h"

namespace sampan::wire::native {
namespace {

namespace json = boost::json;

const std::string hex(64, 'a');
const Digest digest = *Digest::parse("blake3:" + hex);
const FileTime time_of_day = *parse_rfc3339("2026-11-24T08:15:00.25Z");

struct Row {
  Operation operation;
  std::string all;  ///< the text of `operation`, every field set; D and T stand for the digest and the time
  std::string required;  ///< the names of the fields that must be there
};

const std::vector<Row> rows = {
    {Auth{"SCRAM-SHA-256-PLUS", "n,,n=al"},
     R"({"op":"auth","id":7,"mechanism":"SCRAM-SHA-256-PLUS","sasl":"biwsbj1hbA=="})", "sasl"},
    {Ping{}, R"({"op":"ping","id":7})", ""},
    {Quit{}, R"({"op":"quit","id":7})", ""},
    {Stat{{"/a"}}, R"({"op":"stat","id":7,"path":"/a"})", "path"},
    {List{{"/a"}, "12", 50}, R"({"op":"list","id":7,"path":"/a","cursor":"12","limit":50})", "path"},
    {MakeDirectory{{"/a"}, Mode{0750}, true},
     R"({"op":"mkdir","id":7,"path":"/a","mode":"0750","parents":true})", "path"},
    {RemoveDirectory{{"/a"}}, R"({"op":"rmdir","id":7,"path":"/a"})", "path"},
    {Remove{{"/a"}}, R"({"op":"remove","id":7,"path":"/a"})", "path"},
    {Rename{{"/a"}, {"/b"}, false}, R"({"op":"rename","id":7,"from":"/a","to":"/b","replace":false})",
     "from to"},
    {SetAttributes{{"/a"}, time_of_day, Mode{0}},
     R"({"op":"set","id":7,"path":"/a","mtime":"T","mode":"0000"})", "path"},
    {DigestOf{{"/a"}}, R"({"op":"digest","id":7,"path":"/a"})", "path"},
    {Quota{}, R"({"op":"quota","id":7})", ""},
    {Put{{"/a"}, digest, time_of_day, Mode{0777}},
     R"({"op":"put","id":7,"path":"/a","digest":"D","mtime":"T","mode":"0777"})", "path digest mtime"},
    {UploadBegin{{"/a"}, 5'000'000'000, time_of_day, Mode{0644}},
     R"({"op":"upload.begin","id":7,"path":"/a","size":5000000000,"mtime":"T","mode":"0644"})",
     "path size mtime"},
    {UploadChunk{"u1", 3, digest}, R"({"op":"upload.chunk","id":7,"upload":"u1","index":3,"digest":"D"})",
     "upload index"},
    {UploadCommit{"u1", digest}, R"({"op":"upload.commit","id":7,"upload":"u1","digest":"D"})",
     "upload digest"},
    {UploadList{}, R"({"op":"upload.list","id":7})", ""},
    {UploadAbort{{"/a"}}, R"({"op":"upload.abort","id":7,"path":"/a"})", "path"},
    {Get{{"/a"}, digest}, R"({"op":"get","id":7,"path":"/a","if_digest":"D"})", "path"},
    {DownloadRead{"d1", 1, 2}, R"({"op":"download.read","id":7,"download":"d1","offset":1,"length":2})",
     "download offset length"},
    {DownloadEnd{"d1"}, R"({"op":"download.end","id":7,"download":"d1"})", "download"},
};

std::string filled(std::string text) {
  if (const auto at = text.find("\"D\""); at != text.npos) text.replace(at, 3, "\"" + digest.text() + "\"");
  if (const auto at = text.find("\"T\""); at != text.npos) text.replace(at, 3, "\"2026-11-24T08:15:00.25Z\"");
  return text;
}

std::string header_of(const std::string& frame) {
  return frame.substr(frame_prefix);
}

bool is_required(const Row& row, std::string_view name) {
  return (" " + row.required + " ").find(" " + std::string(name) + " ") != std::string::npos;
}

// The error of a request that is refused alone, its connection going on.
Error refusal(const json::value& header) {
  const auto request = decode_request(json::serialize(header));
  EXPECT_FALSE(request) << header;
  if (request) return ErrorCode::io_error;
  EXPECT_FALSE(request.error().fatal) << header;
  EXPECT_EQ(request.error().id, 7U) << header;
  return request.error().error;
}

TEST(Request, TheTableHasEveryOperation) {
  ASSERT_EQ(rows.size(), std::variant_size_v<Operation>);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].operation.index(), i);
}

TEST(Request, IsWrittenAndReadAsTheProtocolSays) {
  for (const Row& row : rows) {
    const std::string frame = encode_request({7, 0, row.operation});
    EXPECT_EQ(header_of(frame), filled(row.all));
    EXPECT_EQ(frame, encode_frame(filled(row.all)));
    const auto request = decode_request(filled(row.all));
    ASSERT_TRUE(request) << row.all << request.error().error.message();
    EXPECT_EQ(request->id, 7U);
    EXPECT_EQ(request->body, 0U);
    EXPECT_EQ(request->operation.index(), row.operation.index());
    EXPECT_EQ(encode_request(*request), frame);
  }
}

TEST(Request, AMissingFieldIsNamedIfItIsRequired) {
  for (const Row& row : rows) {
    const json::object all = json::parse(filled(row.all)).as_object();
    for (const auto& [name, value] : all) {
      if (name == "op" || name == "id") continue;
      json::object less = all;
      less.erase(name);
      if (!is_required(row, name)) {
        EXPECT_TRUE(decode_request(json::serialize(less))) << less;
        continue;
      }
      const Error error = refusal(less);
      EXPECT_EQ(error.code(), ErrorCode::invalid);
      EXPECT_EQ(error.detail(), "\"" + std::string(name) + "\" is missing");
    }
  }
}

TEST(Request, AFieldOfAWrongTypeIsNamed) {
  const json::value never[] = {nullptr,
                               json::array(),
                               json::object(),
                               1.5,
                               -1,
                               9'223'372'036'854'775'808ULL,
                               json::value(std::string(text_max + 1, 'A'))};
  for (const Row& row : rows) {
    const json::object all = json::parse(filled(row.all)).as_object();
    for (const auto& [name, value] : all) {
      if (name == "op" || name == "id") continue;
      for (const json::value& wrong : never) {
        json::object bad = all;
        bad[name] = wrong;
        const Error error = refusal(bad);
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        EXPECT_TRUE(error.detail().starts_with("\"" + std::string(name) + "\" ")) << error.detail();
      }
    }
  }
}

TEST(Request, NumbersAreWholeAndNotNegative) {
  const auto offset = [](const std::string& number) {
    return decode_request(R"({"op":"download.read","download":"d","length":1,"offset":)" + number + "}");
  };
  for (const auto& [text, number] : {std::pair<const char*, std::uint64_t>{"0", 0},
                                     {"4294967296", 4'294'967'296},
                                     {"9223372036854775807", 9'223'372'036'854'775'807}}) {
    const auto request = offset(text);
    ASSERT_TRUE(request) << text;
    EXPECT_EQ(std::get<DownloadRead>(request->operation).offset, number);
  }
  for (const char* text :
       {"-1", "1.0", "1e3", "9223372036854775808", "18446744073709551616", "1e308", "true", "\"1\""})
    EXPECT_FALSE(offset(text)) << text;
}

TEST(Request, AModeIsFourOctalDigits) {
  const auto mode = [](const std::string& text) {
    return decode_request(R"({"op":"set","path":"/a","mode":")" + text + "\"}");
  };
  EXPECT_EQ(std::get<SetAttributes>(mode("0641")->operation).mode, Mode{0641});
  for (const char* text : {"", "644", "1777", "0778", "00644", "0x41", " 644", "+644"})
    EXPECT_FALSE(mode(text)) << text;
}

TEST(Request, TimesAndDigestsHaveOneSpelling) {
  const auto with = [](std::string_view field, std::string_view text) {
    json::object header =
        json::parse(filled(R"({"op":"put","path":"/a","digest":"D","mtime":"T"})")).as_object();
    header[field] = text;
    return decode_request(json::serialize(header));
  };
  EXPECT_TRUE(with("mtime", "1969-12-31T23:59:59.999999999Z"));
  for (const char* text :
       {"", "2026-11-24", "2026-11-24T08:15:00+01:00", "2026-02-30T00:00:00Z", "1700000000"})
    EXPECT_FALSE(with("mtime", text)) << text;
  EXPECT_FALSE(with("digest", hex));
  EXPECT_FALSE(with("digest", "sha256:" + hex));
  EXPECT_FALSE(with("digest", "blake3:" + hex + "a"));
}

TEST(Request, APathThatIsNotTextTravelsAsBytes) {
  for (const std::string& path :
       {std::string("/\xff\xfe"), std::string("/cut \xe6\x8a"), std::string(4096, '\xff')}) {
    const std::string frame = encode_request({1, 0, Stat{{path}}});
    EXPECT_NE(frame.find("\"path_bytes\":"), frame.npos);
    const auto request = decode_request(header_of(frame));
    ASSERT_TRUE(request);
    EXPECT_EQ(std::get<Stat>(request->operation).path.bytes, path);
  }
  // Text may be sent as bytes too; both at once is one too many.
  EXPECT_EQ(std::get<Stat>(decode_request(R"({"op":"stat","path_bytes":"L2E="})")->operation).path.bytes,
            "/a");
  for (const char* header :
       {R"({"op":"stat","path":"/a","path_bytes":"L2E="})", R"({"op":"stat","path_bytes":"L2E"})",
        R"({"op":"stat","path_bytes":"L2F="})", R"({"op":"stat","path_bytes":7})"})
    EXPECT_EQ(decode_request(header).error().error.detail().substr(0, 13), "\"path_bytes\" ") << header;
}

TEST(Request, PathsKeepEveryByte) {
  std::string all_bytes;
  for (int byte = 0; byte < 128; ++byte) all_bytes += static_cast<char>(byte);
  for (const std::string& path :
       {all_bytes, std::string("/报告 \"x\"\\ 😀\n\t\x1b[31m\u202e"), std::string("-rf"), std::string()}) {
    const auto request = decode_request(header_of(encode_request({1, 0, Rename{{path}, {path + "2"}, {}}})));
    ASSERT_TRUE(request);
    EXPECT_EQ(std::get<Rename>(request->operation).from.bytes, path);
    EXPECT_EQ(std::get<Rename>(request->operation).to.bytes, path + "2");
  }
}

TEST(Request, AnOverlongPathIsRefusedAndNeverTakenForAnother) {
  for (const char byte : {'a', '\x01', '\xff'}) {
    const std::string path(100'000, byte);
    const std::string frame = encode_request({7, 0, Rename{{path}, {path}, true}});
    ASSERT_LE(frame.size(), frame_prefix + header_max);
    const auto request = decode_request(header_of(frame));
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().error.code(), ErrorCode::invalid);
    EXPECT_NE(request.error().error.detail().find("longer than 4096"), std::string::npos);
    EXPECT_TRUE(decode_request(header_of(encode_request({7, 0, Remove{{path.substr(0, text_max)}}}))));
  }
}

TEST(Request, SaslIsRawBytesAndMayBeEmpty) {
  EXPECT_EQ(std::get<Auth>(decode_request(R"({"op":"auth","sasl":""})")->operation).sasl, "");
  const std::string raw("\0\xff,n=", 5);
  const auto request = decode_request(header_of(encode_request({1, 0, Auth{{}, raw}})));
  EXPECT_EQ(std::get<Auth>(request->operation).sasl, raw);
  EXPECT_FALSE(decode_request(R"({"op":"auth","sasl":"n,,n=al"})"));
}

TEST(Request, UnknownFieldsAreIgnoredAndTheLastOfTwoCounts) {
  const auto request = decode_request(R"({"color":{"deep":[1.5,null]},"op":"stat","path":"/a","id":1,"id":2,)"
                                      R"("size":-3,"path":"/b","mode":1e99})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->id, 2U);
  EXPECT_EQ(std::get<Stat>(request->operation).path.bytes, "/b");
}

TEST(Request, MayHaveNoIdAndAnyBody) {
  const auto request = decode_request(R"({"op":"ping","body":9223372036854775807})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->id, 0U);
  EXPECT_EQ(request->body, 9'223'372'036'854'775'807U);
  EXPECT_EQ(header_of(encode_request({9, 4096, Ping{}})), R"({"op":"ping","id":9,"body":4096})");
}

}  // namespace
}  // namespace sampan::wire::native
