#include "login/saslprep.h"

#include <string>

#include <gtest/gtest.h>

namespace sampan::login {
namespace {

std::string prepared(std::string_view text) {
  const auto result = saslprep(text);
  return result ? std::string(result->reveal()) : "(nothing)";
}

TEST(Saslprep, GivesOneSpellingToWhatLooksAlike) {
  EXPECT_EQ(prepared("alice"), "alice");
  EXPECT_EQ(prepared("张伟"), "张伟");
  EXPECT_EQ(prepared("Zoe\u0308"), "Zo\u00EB");
  EXPECT_EQ(prepared("\uFF21lice"), "Alice");
  EXPECT_EQ(prepared("a\u00ADb"), "ab");
}

TEST(Saslprep, DoesNotApplyToAll) {
  for (const std::string& text : {std::string("a\0b", 3), std::string("\x01"), std::string("\xFF"),
                                  std::string("\u00AD"), std::string()})
    EXPECT_EQ(prepared(text), "(nothing)");
}

}  // namespace
}  // namespace sampan::login
