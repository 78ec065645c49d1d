#include "database/migrations.h"

#include <array>

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"

namespace sampan::database {
namespace {

constexpr std::array steps = {"CREATE TABLE things(name TEXT)", "ALTER TABLE things ADD COLUMN size BIGINT"};

class MigrationsTest : public ::testing::Test {
 protected:
  testing::TemporaryDirectory temporary_;
  Connection connection_ = Connection::open(temporary_.path() + "/test.db").value();
};

TEST_F(MigrationsTest, TakesEachStepOnce) {
  ASSERT_TRUE(migrate(connection_, std::span(steps).first(1)));
  ASSERT_TRUE(connection_.execute("INSERT INTO things VALUES('kept')"));
  ASSERT_TRUE(migrate(connection_, steps));
  ASSERT_TRUE(migrate(connection_, steps));
  auto query = *connection_.prepare("SELECT name, size FROM things");
  ASSERT_TRUE(*query.step());
  EXPECT_EQ(query.text(0), "kept");
}

TEST_F(MigrationsTest, AFailedStepLeavesTheOldVersionWhole) {
  constexpr std::array broken = {steps[0], steps[1], "no such statement"};
  EXPECT_FALSE(migrate(connection_, broken));
  EXPECT_FALSE(connection_.prepare("SELECT * FROM things"));
  EXPECT_TRUE(migrate(connection_, steps));
}

TEST_F(MigrationsTest, ANewerFileIsRefusedAndSaysSo) {
  ASSERT_TRUE(connection_.execute("PRAGMA user_version=99"));
  const Error error = migrate(connection_, steps).error();
  EXPECT_EQ(error.code(), ErrorCode::unsupported);
  EXPECT_NE(error.message().find("newer Sampan"), std::string::npos) << error.message();
  ASSERT_TRUE(connection_.execute("PRAGMA user_version=-1"));
  EXPECT_EQ(migrate(connection_, steps).error().code(), ErrorCode::io_error);
}

}  // namespace
}  // namespace sampan::database
