// What a session makes of bytes: in any pieces, cut anywhere, and of those that are not the protocol.
#include <gtest/gtest.h>

#include "frontends/testing/native_fixture.h"
#include "wire/native/frame.h"

namespace sampan::frontends {
namespace {

namespace native = wire::native;
using testing::Answer;
using testing::HouseInMemory;
using testing::NativePeer;

class NativeFramesTest : public testing::NativeTest {
 protected:
  static std::string frame_of(const native::Operation& operation, std::string_view body) {
    native::Request request;
    request.id = 7;
    request.body = body.size();
    request.operation = operation;
    return native::encode_request(request) + std::string(body);
  }
};

TEST_F(NativeFramesTest, BytesOneByOneAreTheSameConversation) {
  net::testing::Line line;
  line.piece = 1;
  NativePeer peer(loop_, house_->connect(line));
  EXPECT_TRUE(peer.log_in("alice", HouseInMemory::right_password()).ok());
  for (const char byte : frame_of(put_of("f", "bytes"), "bytes")) peer.send_bytes({&byte, 1});
  EXPECT_TRUE(peer.receive().ok());
  EXPECT_EQ(stored("f"), "bytes");
}

TEST_F(NativeFramesTest, ManyAtOnceAreAnsweredInTheirOrder) {
  NativePeer peer = log_in();
  std::string frames;
  for (int i = 0; i < 200; ++i) {
    const std::string name = "f" + std::to_string(i);
    frames += frame_of(put_of(name, name), name);
    if (i % 50 == 49) frames += frame_of(at<native::Stat>(name), "");
  }
  peer.send_bytes(frames);
  for (int i = 0; i < 200; ++i) {
    const std::string name = "f" + std::to_string(i);
    EXPECT_EQ(peer.receive().as<native::Receipt>().path.bytes, "/" + name);
    if (i % 50 == 49) {
      EXPECT_EQ(peer.receive().as<native::Entry>().name.bytes, name);
    }
  }
  EXPECT_EQ(used().files, 200U);
}

TEST_F(NativeFramesTest, APutThatIsCutAnywhereIsNone) {
  const std::string frame = frame_of(put_of("f", "bytes"), "bytes");
  for (std::size_t count = 0; count < frame.size(); ++count) {
    NativePeer peer = log_in();
    peer.send_bytes(std::string_view(frame).substr(0, count));
    peer.vanish();
    house_->settle();
    ASSERT_EQ(stored("f"), "(none)") << count;
    ASSERT_EQ(used(), storage::Usage{}) << count;
  }
}

TEST_F(NativeFramesTest, LengthsThatCannotBeEndTheConnectionWithoutAWord) {
  for (const std::uint32_t length : {0U, 65'537U, 0xffffffffU}) {
    NativePeer peer = log_in();
    std::string prefix;
    for (unsigned shift = 0; shift < 32; shift += 8) prefix += static_cast<char>(length >> shift & 0xffU);
    peer.send_bytes(prefix + "{}");
    EXPECT_THROW(peer.receive(), net::StreamError) << length;
  }
}

TEST_F(NativeFramesTest, WhatIsNotTheProtocolIsSaidAndEndsIt) {
  for (const char* header :
       {"x", "[]", "{\"op\":\"ping\",\"body\":-1}", "{\"op\":\"ping\"} more", "\xff\xfe{}"}) {
    NativePeer peer = log_in();
    peer.send_bytes(native::encode_frame(header));
    const Answer answer = peer.receive();
    EXPECT_EQ(answer.code(), ErrorCode::bad_request) << header;
    EXPECT_EQ(answer.header.id, 0U) << header;
    EXPECT_EQ(peer.end(), std::nullopt) << header;
    peer.vanish();
    house_->settle();
  }
}

TEST_F(NativeFramesTest, RequestsThatAreWrongLeaveTheSessionInStep) {
  NativePeer peer = log_in();
  const auto refused = [&](std::string_view header, std::string_view body) {
    peer.send_bytes(native::encode_frame(header) + std::string(body));
    const Answer answer = peer.receive();
    EXPECT_EQ(answer.header.id, 9U) << header;
    EXPECT_TRUE(peer.ask(native::Ping()).ok()) << header;
    return answer.code();
  };
  EXPECT_EQ(refused(R"({"op":"server_close","id":9,"body":3})", "abc"), ErrorCode::unsupported);
  EXPECT_EQ(refused(R"({"op":"__init__","id":9})", ""), ErrorCode::unsupported);
  EXPECT_EQ(refused(R"({"id":9,"body":2})", "ab"), ErrorCode::invalid);
  EXPECT_EQ(refused(R"({"op":"stat","id":9})", ""), ErrorCode::invalid);
  EXPECT_EQ(refused(R"({"op":"stat","id":9,"path":7,"body":1})", "x"), ErrorCode::invalid);
}

TEST_F(NativeFramesTest, BodiesThatAreTooLargeAreSkipped) {
  NativePeer peer = log_in();
  const std::string large(1024 * 1024 + 1, 'x');
  EXPECT_EQ(peer.ask(put_of("f", large), large).code(), ErrorCode::invalid);
  native::UploadChunk chunk;
  EXPECT_EQ(peer.ask(chunk, std::string_view(large).substr(0, 256 * 1024 + 1)).code(), ErrorCode::invalid);
  EXPECT_TRUE(
      peer.ask(put_of("f", std::string_view(large).substr(1)), std::string_view(large).substr(1)).ok());
  EXPECT_EQ(used(), (storage::Usage{1024 * 1024, 1}));
}

TEST_F(NativeFramesTest, ABodyWhereNoneIsWantedIsSkipped) {
  NativePeer peer = log_in();
  EXPECT_TRUE(peer.ask(native::Quota(), std::string(100'000, 'x')).ok());
  EXPECT_TRUE(peer.ask(at<native::MakeDirectory>("d"), "{\"op\":\"rmdir\"}").ok());
  EXPECT_TRUE(house_->home().stat(path("d")));
}

}  // namespace
}  // namespace sampan::frontends
