#include "wire/chat/message.h"

#include <gtest/gtest.h>

namespace sampan::wire::chat {
namespace {

TEST(ChatMessage, GoesOutWithoutTheWhiteSpaceAroundIt) {
  EXPECT_EQ(*outgoing(" 你好, 世界\t\r"), "你好, 世界");
  EXPECT_EQ(*outgoing(std::string(1024, 'x')), std::string(1024, 'x'));
}

TEST(ChatMessage, SomeThingsDoNotGoOut) {
  const std::pair<std::string, const char*> cases[] = {{"", "empty"},
                                                       {" \t ", "empty"},
                                                       {std::string(1025, 'x'), "1025 bytes: at most 1024"},
                                                       {"\xff", "UTF-8"}};
  for (const auto& [typed, why] : cases) {
    const auto text = outgoing(typed);
    ASSERT_FALSE(text) << typed;
    EXPECT_NE(text.error().detail().find(why), std::string::npos) << text.error().detail();
  }
}

TEST(ChatMessage, IsShownAndDoesNothing) {
  EXPECT_EQ(shown("127.0.0.1:9", "你好", false), "来自[127.0.0.1:9]的一条消息:你好");
  EXPECT_EQ(shown("[::1]:9", "hi", true), "来自[[::1]:9]的一条消息:\x1b[1;44mhi\x1b[0m");
  const std::string hostile =
      "\x1b]0;title\x07\r\n\xc2\x9b"
      "2J\xe2\x80\xae\xff";
  EXPECT_EQ(shown("a", hostile, false),
            "来自[a]的一条消息:\\x1b]0;title\\x07\\x0d\\n\\xc2\\x9b2J\\xe2\\x80\\xae\\xff");
}

}  // namespace
}  // namespace sampan::wire::chat
