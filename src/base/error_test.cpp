#include "base/error.h"

#include <gtest/gtest.h>

namespace sampan {
namespace {

TEST(Error, EveryCodeHasAWordThatLeadsBackToIt) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::interrupted); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(error_of_word(error_word(code)), code) << error_word(code);
  }
  EXPECT_EQ(error_of_word("no such word"), std::nullopt);
}

TEST(Error, ExitCodesAreTheContractsTable) {
  EXPECT_EQ(exit_code(ErrorCode::invalid), 2);
  EXPECT_EQ(exit_code(ErrorCode::login_failed), 3);
  EXPECT_EQ(exit_code(ErrorCode::login_paused), 5);
  EXPECT_EQ(exit_code(ErrorCode::not_found), 4);
  EXPECT_EQ(exit_code(ErrorCode::connection_lost), 5);
  EXPECT_EQ(exit_code(ErrorCode::wrong_digest), 6);
  EXPECT_EQ(exit_code(ErrorCode::over_quota), 7);
  EXPECT_EQ(exit_code(ErrorCode::exists), 8);
  EXPECT_EQ(exit_code(ErrorCode::wrong_peer), 9);
  EXPECT_EQ(exit_code(ErrorCode::interrupted), 130);
}

TEST(Error, QuotaMessageSaysNeededLeftAndLimit) {
  const Error error(ErrorCode::over_quota, Room{13002342, 95315559, 104857600});
  EXPECT_EQ(error.message(), "quota exceeded: needs 12.4 MiB, 9.1 MiB of 100 MiB left");
}

TEST(Error, DetailFollowsTheSentence) {
  EXPECT_EQ(Error(ErrorCode::invalid, "a name longer than 255 bytes").message(),
            "not valid: a name longer than 255 bytes");
}

}  // namespace
}  // namespace sampan
