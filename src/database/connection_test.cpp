#include "database/connection.h"

#include <array>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing/temporary_directory.h"

namespace sampan::database {
namespace {

constexpr std::array steps = {"CREATE TABLE things(name TEXT PRIMARY KEY, size BIGINT)"};

class ConnectionTest : public ::testing::Test {
 protected:
  testing::TemporaryDirectory temporary_;
  std::string file_ = temporary_.path() + "/test.db";
};

TEST_F(ConnectionTest, KeepsWhatIsCommittedAndNothingElse) {
  auto connection = *Connection::open(file_);
  ASSERT_TRUE(connection.migrate(steps));
  ASSERT_TRUE(connection.migrate(steps));
  {
    auto dropped = Transaction::begin(connection);
    ASSERT_TRUE(
        connection.prepare("INSERT INTO things VALUES(?,?)")->bind("lost").bind(std::int64_t{1}).run());
  }
  auto kept = Transaction::begin(connection);
  ASSERT_TRUE(connection.prepare("INSERT INTO things VALUES(?,?)")
                  ->bind("kept")
                  .bind(std::optional<std::int64_t>())
                  .run());
  ASSERT_TRUE(kept->commit());
  EXPECT_EQ(connection.prepare("INSERT INTO things VALUES(?,1)")->bind("kept").run().error().code(),
            ErrorCode::exists);
  auto query = *connection.prepare("SELECT name, size FROM things");
  ASSERT_TRUE(*query.step());
  EXPECT_EQ(query.text(0), "kept");
  EXPECT_EQ(query.optional_integer(1), std::nullopt);
  EXPECT_FALSE(*query.step());
}

TEST_F(ConnectionTest, IsItsOwnersAlone) {
  ASSERT_TRUE(Connection::open(file_)->migrate(steps));
  struct stat status {};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ConnectionTest, RefusesANewerFile) {
  auto connection = *Connection::open(file_);
  ASSERT_TRUE(connection.execute("PRAGMA user_version=99"));
  EXPECT_EQ(connection.migrate(steps).error().code(), ErrorCode::unsupported);
}

}  // namespace
}  // namespace sampan::database
