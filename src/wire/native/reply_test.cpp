#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "wire/native/codec.h"
#include "wire/native/frame.h"

namespace sampan::wire::native {
namespace {

namespace json = boost::json;

const Digest digest = *Digest::parse("blake3:" + std::string(64, 'a'));
const FileTime time_of_day = *parse_rfc3339("2026-11-24T08:15:00.25Z");

std::string filled(std::string text) {
  for (std::size_t at = 0; (at = text.find("\"D\"")) != text.npos;)
    text.replace(at, 3, "\"" + digest.text() + "\"");
  for (std::size_t at = 0; (at = text.find("\"T\"")) != text.npos;)
    text.replace(at, 3, "\"2026-11-24T08:15:00.25Z\"");
  return text;
}

std::string header_of(const std::string& frame) {
  EXPECT_EQ(frame, encode_frame(frame.substr(frame_prefix)));
  return frame.substr(frame_prefix);
}

// `reply` is written as `text`, and read back: whole, with each field missing (fine for those in `optional`)
// and with wrong types.
template <class T>
void expect_reply(const T& reply, const std::string& text, const std::string& optional = {}) {
  SCOPED_TRACE(text);
  const std::string header = filled(text);
  ASSERT_EQ(header_of(encode_reply(7, reply)), header);
  const auto common = decode_reply_header(header);
  ASSERT_TRUE(common) << common.error().message();
  EXPECT_EQ(common->id, 7U);
  EXPECT_FALSE(common->error);
  const auto again = decode_reply<T>(header);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(header_of(encode_reply(7, *again)), header);

  const json::object all = json::parse(header).as_object();
  for (const auto& [key, value] : all) {
    const std::string name(key);
    if (name == "id" || name == "ok") continue;
    json::object changed = all;
    changed.erase(name);
    const auto less = decode_reply<T>(json::serialize(changed));
    EXPECT_EQ(less.has_value(), (" " + optional + " ").find(" " + name + " ") != std::string::npos) << name;
    if (!less) {
      EXPECT_EQ(less.error().detail(), "\"" + name + "\" is missing");
    }
    for (const json::value& wrong : {json::value(nullptr), json::value(-1), json::value(1.5)}) {
      changed[name] = wrong;
      const auto bad = decode_reply<T>(json::serialize(changed));
      ASSERT_FALSE(bad) << changed;
      EXPECT_EQ(bad.error().code(), ErrorCode::bad_request);
      EXPECT_TRUE(bad.error().detail().starts_with("\"" + name + "\" must be ")) << bad.error().detail();
    }
  }
}

TEST(Reply, IsWrittenAndReadAsTheProtocolSays) {
  expect_reply(Done{}, R"({"id":7,"ok":true})");
  expect_reply(AuthStep{"r=x", false, Kdf{"argon2id", 19'456, 2, 1}, {}},
               R"({"id":7,"ok":true,"sasl":"cj14","done":false,)"
               R"("kdf":{"name":"argon2id","memory_kib":19456,"passes":2,"lanes":1}})",
               "kdf");
  expect_reply(AuthStep{"v=y", true, {}, "al"}, R"({"id":7,"ok":true,"sasl":"dj15","done":true,"user":"al"})",
               "user");
  expect_reply(Entry{{"报告"}, "file", 12, time_of_day, {0640}},
               R"({"id":7,"ok":true,"name":"报告","type":"file","size":12,"mtime":"T","mode":"0640"})");
  expect_reply(Page{"12"}, R"({"id":7,"ok":true,"next":"12"})", "next");
  expect_reply(Page{}, R"({"id":7,"ok":true})");
  expect_reply(DigestReply{digest, 5'000'000'000}, R"({"id":7,"ok":true,"digest":"D","size":5000000000})");
  expect_reply(QuotaReply{1, 2, 3, 4, 5},
               R"({"id":7,"ok":true,"used":1,"limit":2,"free":3,"files":4,"max_files":5})",
               "limit free max_files");
  expect_reply(Receipt{{"/a"}, 12, digest, time_of_day},
               R"({"id":7,"ok":true,"path":"/a","size":12,"digest":"D","mtime":"T"})");
  expect_reply(UploadReady{"u1", 262'144, {{0, 3, digest}, {9, 1, digest}}},
               R"({"id":7,"ok":true,"upload":"u1","chunk_size":262144,)"
               R"("have":[{"first":0,"count":3,"digest":"D"},{"first":9,"count":1,"digest":"D"}]})");
  expect_reply(UploadReady{"u1", 262'144, {}},
               R"({"id":7,"ok":true,"upload":"u1","chunk_size":262144,"have":[]})");
  expect_reply(Uploads{}, R"({"id":7,"ok":true})");
  expect_reply(GetReady{12, time_of_day, {0600}, digest, "d1", 262'144},
               R"({"id":7,"ok":true,"size":12,"mtime":"T","mode":"0600","digest":"D",)"
               R"("download":"d1","chunk_size":262144})",
               "download chunk_size");
}

TEST(Reply, SaysItsBody) {
  const std::string header = header_of(encode_reply(7, Done{}, 262'144));
  EXPECT_EQ(header, R"({"id":7,"ok":true,"body":262144})");
  EXPECT_EQ(decode_reply_header(header)->body, 262'144U);
}

TEST(Reply, WhatIsInsideIsCheckedToo) {
  const auto ready = [](const std::string& have) {
    return decode_reply<UploadReady>(R"({"id":7,"ok":true,"upload":"u","chunk_size":1,"have":)" + have + "}");
  };
  EXPECT_TRUE(ready("[]"));
  for (const char* have : {"{}", "[1]", "[{}]", "[[]]", R"([{"first":0,"count":-1,"digest":"D"}])"})
    EXPECT_FALSE(ready(have)) << have;
  EXPECT_EQ(ready(filled(R"([{"first":0,"digest":"D"}])")).error().detail(), "\"count\" is missing");
  const auto kdf =
      decode_reply<AuthStep>(R"({"id":1,"ok":true,"sasl":"","done":false,"kdf":{"name":"argon2id"}})");
  EXPECT_EQ(kdf.error().detail(), "\"memory_kib\" is missing");
}

TEST(Reply, MoreRunsThanAHeaderHoldsAreLeftOut) {
  const native::Run longest{9'223'372'036'854'775'807, 9'223'372'036'854'775'807, digest};
  const UploadReady ready{std::string(32, 'f'), 262'144, std::vector<native::Run>(10'000, longest)};
  const std::string header = header_of(encode_reply(7, ready));
  EXPECT_LE(header.size(), header_max);
  EXPECT_EQ(decode_reply<UploadReady>(header)->have.size(), runs_max);
}

TEST(Reply, ANameThatIsNotTextTravelsAsBytes) {
  const std::string header = header_of(encode_reply(7, Entry{{"\xff.txt"}, "file", 0, {}, {}}));
  EXPECT_NE(header.find(R"("name_bytes":"/y50eHQ=")"), header.npos) << header;
  EXPECT_EQ(header.find("\"name\""), header.npos);
  EXPECT_EQ(decode_reply<Entry>(header)->name.bytes, "\xff.txt");
}

TEST(Reply, TextThatIsNotTextIsStillJson) {
  const std::string header = header_of(encode_reply(7, Page{"a\xff"}));
  EXPECT_EQ(decode_reply<Page>(header)->next, "a\uFFFD");
}

TEST(Reply, AWordInBetweenIsNone) {
  const std::string header = header_of(encode_working(7));
  EXPECT_EQ(header, R"({"id":7,"working":true})");
  const auto reply = decode_reply_header(header);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->working);
  EXPECT_EQ(reply->id, 7U);
  EXPECT_FALSE(reply->error);
  EXPECT_FALSE(decode_reply_header(R"({"id":7,"ok":true})")->working);
}

TEST(Reply, WithoutOkItIsNone) {
  for (const char* header :
       {R"({})", R"({"id":7})", R"({"id":7,"ok":1})", R"({"id":7,"ok":"true"})", R"({"id":"7","ok":true})",
        R"({"id":-7,"ok":true})", R"({"id":7,"ok":true,"body":-1})", R"({"id":7,"ok":true,"body":"9"})",
        R"({"id":7,"ok":false})", R"({"id":7,"ok":false,"error":7})", R"({"id":7,"working":false})",
        R"({"id":7,"working":1})", R"({"id":7,"working":true,"body":1})",
        R"({"id":7,"ok":false,"error":"x","message":7})",
        R"({"id":7,"ok":false,"error":"over_quota","needed":-1})"}) {
    const auto reply = decode_reply_header(header);
    ASSERT_FALSE(reply) << header;
    EXPECT_EQ(reply.error().code(), ErrorCode::bad_request);
  }
}

void expect_error_survives(const Error& error) {
  const std::string header = header_of(encode_error(7, error));
  const auto reply = decode_reply_header(header);
  ASSERT_TRUE(reply) << header;
  ASSERT_TRUE(reply->error) << header;
  EXPECT_EQ(reply->error->code(), error.code());
  EXPECT_EQ(reply->error->detail(), error.detail());
  EXPECT_EQ(reply->error->room(), error.room());
}

TEST(ErrorReply, IsWrittenAsTheProtocolSays) {
  EXPECT_EQ(header_of(encode_error(7, ErrorCode::not_found)),
            R"({"id":7,"ok":false,"error":"not_found","message":"no such file or directory"})");
  EXPECT_EQ(header_of(encode_error(7, Error(ErrorCode::too_many_files, Room{2, 9, 10}))),
            R"({"id":7,"ok":false,"error":"too_many_files",)"
            R"("message":"too many files: needs 2, 1 of 10 entries left",)"
            R"("needed":2,"used":9,"limit":10})");
}

TEST(ErrorReply, IsTheSameErrorOnTheOtherSide) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::interrupted); ++code) {
    expect_error_survives(static_cast<ErrorCode>(code));
    expect_error_survives({static_cast<ErrorCode>(code), "the \"detail\": of it\n"});
    expect_error_survives({static_cast<ErrorCode>(code), Room{1, 2, 3}, "and: more"});
  }
}

TEST(ErrorReply, KeepsWhatANewerServerSays) {
  const auto reply =
      decode_reply_header(R"({"id":7,"ok":false,"error":"frozen\u001b","message":"come back in May"})");
  ASSERT_TRUE(reply && reply->error);
  EXPECT_EQ(reply->error->code(), ErrorCode::unsupported);
  EXPECT_EQ(reply->error->detail(), "the server's answer \"frozen\\x1b\": come back in May");
  EXPECT_EQ(decode_reply_header(R"({"ok":false,"error":"busy"})")->error->detail(), "");
  EXPECT_EQ(decode_reply_header(R"({"ok":false,"error":"busy","message":"at lunch"})")->error->detail(),
            "at lunch");
}

TEST(ErrorReply, ALongDetailIsCut) {
  const std::string header = header_of(encode_error(7, {ErrorCode::invalid, std::string(100'000, '\x01')}));
  EXPECT_LT(header.size(), header_max);
  EXPECT_EQ(decode_reply_header(header)->error->code(), ErrorCode::invalid);
}

TEST(Greeting, IsWrittenAndReadAsTheProtocolSays) {
  const Greeting greeting{1, {"put"}, {"blake3"}, {"SCRAM-SHA-256-PLUS"}, {262'144, 1'048'576, 1'000}};
  const std::string text =
      R"({"sampan":1,"features":["put"],"digests":["blake3"],"mechanisms":["SCRAM-SHA-256-PLUS"],)"
      R"("limits":{"chunk_size":262144,"put_size":1048576,"list_entries":1000}})";
  EXPECT_EQ(header_of(encode_greeting(greeting)), text);
  const auto again = decode_greeting(text);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(header_of(encode_greeting(*again)), text);
}

TEST(Greeting, AnotherVersionIsNamed) {
  for (const char* header : {R"({"sampan":2})", R"({"sampan":0,"features":[]})"}) {
    const auto greeting = decode_greeting(header);
    ASSERT_FALSE(greeting);
    EXPECT_EQ(greeting.error().code(), ErrorCode::unsupported);
  }
  for (const char* header : {R"({})", R"({"sampan":"1"})", R"({"sampan":1})", R"({"sampan":-1})"})
    EXPECT_EQ(decode_greeting(header).error().code(), ErrorCode::bad_request) << header;
}

TEST(Array, OfEntriesAndUploads) {
  const std::vector<Entry> entries = {{{"a"}, "directory", 0, time_of_day, {0755}},
                                      {{"\xff"}, "other", 1, time_of_day, {}}};
  const std::string text =
      filled(R"([{"name":"a","type":"directory","size":0,"mtime":"T","mode":"0755"},)"
             R"({"name_bytes":"/w==","type":"other","size":1,"mtime":"T","mode":"0000"}])");
  EXPECT_EQ(encode_array(entries), text);
  EXPECT_EQ(encode_array(*decode_array<Entry>(text)), text);
  const std::vector<UploadEntry> uploads = {{{"/a"}, 12, 4, time_of_day}};
  const std::string list = filled(R"([{"path":"/a","size":12,"present":4,"last_activity":"T"}])");
  EXPECT_EQ(encode_array(uploads), list);
  EXPECT_EQ(encode_array(*decode_array<UploadEntry>(list)), list);
  EXPECT_EQ(encode_array(std::vector<Entry>()), "[]");
  EXPECT_TRUE(decode_array<Entry>("[]")->empty());
}

TEST(Array, OfAnythingElseIsRefused) {
  const std::string zeros = "[" + std::string(1'000'000, '0') + "]";
  for (const std::string& body :
       {std::string(), std::string("{}"), std::string("[1]"), std::string("[{}]"), std::string("[["), zeros,
        std::string(1'000'000, '['), std::string("[] []")}) {
    const auto items = decode_array<Entry>(body);
    ASSERT_FALSE(items) << body.substr(0, 20);
    EXPECT_EQ(items.error().code(), ErrorCode::bad_request);
  }
}

TEST(Array, TenThousandEntriesAreOne) {
  const std::vector<Entry> many(10'000, Entry{{"name"}, "file", 1, time_of_day, {0644}});
  EXPECT_EQ(decode_array<Entry>(encode_array(many))->size(), many.size());
}

}  // namespace
}  // namespace sampan::wire::native
