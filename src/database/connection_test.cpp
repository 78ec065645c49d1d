#include "database/connection.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"
#include "database/transaction.h"

namespace sampan::database {
namespace {

class ConnectionTest : public ::testing::Test {
 protected:
  Connection open() { return Connection::open(file_).value(); }
  Connection open_with_things() {
    Connection connection = open();
    EXPECT_TRUE(connection.execute("CREATE TABLE things(name TEXT NOT NULL PRIMARY KEY, size BIGINT)"));
    return connection;
  }
  static Result<> insert(Connection& connection, std::string_view name, std::optional<std::int64_t> size) {
    return connection.prepare("INSERT INTO things VALUES(?,?)")->bind(name).bind(size).run();
  }
  static std::string only_value(Connection& connection, std::string_view sql) {
    auto query = connection.prepare(sql).value();
    EXPECT_TRUE(query.step().value());
    return query.text(0);
  }

  testing::TemporaryDirectory temporary_;
  std::string file_ = temporary_.path() + "/test.db";
};

TEST_F(ConnectionTest, KeepsWhatIsCommittedAndNothingElse) {
  Connection connection = open_with_things();
  {
    const auto dropped = Transaction::begin(connection);
    ASSERT_TRUE(dropped);
    ASSERT_TRUE(insert(connection, "lost", 1));
  }
  auto kept = Transaction::begin(connection);
  ASSERT_TRUE(insert(connection, "kept", std::nullopt));
  ASSERT_TRUE(kept->commit());
  Connection other = open();
  auto query = *other.prepare("SELECT name, size FROM things");
  ASSERT_TRUE(*query.step());
  EXPECT_EQ(query.text(0), "kept");
  EXPECT_EQ(query.optional_integer(1), std::nullopt);
  EXPECT_FALSE(*query.step());
}

TEST_F(ConnectionTest, KeepsBytesAsTheyAre) {
  Connection connection = open_with_things();
  const std::string bytes("a\0\xFF", 3);
  ASSERT_TRUE(insert(connection, bytes, std::numeric_limits<std::int64_t>::max()));
  ASSERT_TRUE(insert(connection, std::string_view(), 0));  // empty is not NULL
  auto query = *connection.prepare("SELECT name, size FROM things ORDER BY name DESC");
  ASSERT_TRUE(*query.step());
  EXPECT_EQ(query.text(0), bytes);
  EXPECT_EQ(query.integer(1), std::numeric_limits<std::int64_t>::max());
  ASSERT_TRUE(*query.step());
  EXPECT_EQ(query.text(0), "");
}

TEST_F(ConnectionTest, TellsATakenNameFromOtherConstraints) {
  Connection connection = open_with_things();
  ASSERT_TRUE(connection.execute("CREATE TABLE parts(thing TEXT NOT NULL REFERENCES things(name))"));
  ASSERT_TRUE(insert(connection, "kept", 1));
  EXPECT_EQ(insert(connection, "kept", 2).error().code(), ErrorCode::exists);
  EXPECT_EQ(connection.execute("INSERT INTO things VALUES(NULL, 1)").error().code(), ErrorCode::invalid);
  EXPECT_EQ(connection.execute("INSERT INTO parts VALUES('missing')").error().code(), ErrorCode::invalid);
}

TEST_F(ConnectionTest, RunsNoStatementWithoutAllItsParameters) {
  Connection connection = open_with_things();
  auto query = *connection.prepare("INSERT INTO things VALUES(?, 1)");
  EXPECT_EQ(query.bind("kept").bind("one too many").run().error().code(), ErrorCode::invalid);
  EXPECT_EQ(only_value(connection, "SELECT count(*) FROM things"), "0");
}

TEST_F(ConnectionTest, IsSetToLoseNothing) {
  Connection connection = open();
  EXPECT_EQ(only_value(connection, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(only_value(connection, "PRAGMA synchronous"), "2");
  EXPECT_EQ(only_value(connection, "PRAGMA foreign_keys"), "1");
  EXPECT_EQ(only_value(connection, "PRAGMA busy_timeout"), "5000");
}

TEST_F(ConnectionTest, IsItsOwnersAlone) {
  const mode_t before = ::umask(0);
  Connection connection = open_with_things();
  ::umask(before);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((file_ + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << suffix;
  }
}

TEST_F(ConnectionTest, TakesPlainFilesInDirectoriesThatAreThere) {
  ASSERT_EQ(::symlink("elsewhere.db", file_.c_str()), 0);
  EXPECT_EQ(Connection::open(file_).error().code(), ErrorCode::denied);
  EXPECT_EQ(Connection::open(temporary_.path()).error().code(), ErrorCode::denied);
  EXPECT_EQ(Connection::open(temporary_.path() + "/no/such.db").error().code(), ErrorCode::not_found);
}

// The lock by which a connection tells other processes that the WAL is in use (the database's shared bytes).
bool another_process_sees_the_lock(const std::string& file) {
  const pid_t child = ::fork();
  if (child == 0) {  // its descriptor dies with it: closed here, it could only drop the child's own locks
    const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 0x40000002;
    lock.l_len = 510;
    ::_exit(fd >= 0 && ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(ConnectionTest, ASecondOneLeavesTheLocksOfTheFirst) {
  Connection first = open_with_things();
  ASSERT_TRUE(another_process_sees_the_lock(file_));
  (void)open();
  EXPECT_TRUE(another_process_sees_the_lock(file_));
}

TEST_F(ConnectionTest, WaitsForAnotherWriterOnlySoLong) {
  Connection first = open_with_things();
  Connection second = open();
  const auto writing = Transaction::begin(first);
  ASSERT_TRUE(writing);
  second.set_busy_timeout(std::chrono::milliseconds(0));
  EXPECT_EQ(Transaction::begin(second).error().code(), ErrorCode::busy);
}

TEST_F(ConnectionTest, SeesThatAnotherHasCommitted) {
  Connection writer = open_with_things();
  Connection reader = open();
  const std::int64_t before = *reader.data_version();
  EXPECT_EQ(*reader.data_version(), before);
  {
    auto transaction = Transaction::begin(writer);
    ASSERT_TRUE(insert(writer, "one", 1));
    EXPECT_EQ(*reader.data_version(), before);
    ASSERT_TRUE(transaction->commit());
  }
  EXPECT_NE(*reader.data_version(), before);
}

}  // namespace
}  // namespace sampan::database
