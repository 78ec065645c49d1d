#include "cli/item_results.h"

#include <sstream>

#include <gtest/gtest.h>

#include "cli/transfer.h"
#include "net/byte_stream.h"

namespace sampan::cli {
namespace {

class RecordingProgress final : public Progress {
 public:
  explicit RecordingProgress(std::ostream& out) : out_(out) {}
  void begin(std::string_view, std::uint64_t, std::uint64_t) override {}
  void advance(std::uint64_t) override {}

 private:
  void finish(const Error* failure) override { out_ << (failure ? "[failed]\n" : "[done]\n"); }
  std::ostream& out_;
};

class ItemResultsTest : public ::testing::Test {
 protected:
  std::ostringstream out_, err_;
  Console console_{out_, err_, {}};
};

TEST_F(ItemResultsTest, OneItemKeepsItsCode) {
  ItemResults results(console_, "put", 1);
  EXPECT_EQ(results.exit_code(), 0);
  results.failed("report.pdf", Error(ErrorCode::over_quota,
                                     Room{.needed = 13'002'342, .used = 95'315'558, .limit = 104'857'600}));
  EXPECT_EQ(results.exit_code(), 7);
  EXPECT_EQ(err_.str(), "sampan: put report.pdf: quota exceeded: needs 12.4 MiB, 9.1 MiB of 100 MiB left\n");
}

TEST_F(ItemResultsTest, SomeOfSeveralIsCode1AndEachIsNamed) {
  ItemResults results(console_, "rm", 3);
  results.failed("a", ErrorCode::not_found);
  results.failed("b\x1b[2J", ErrorCode::is_a_directory);
  EXPECT_EQ(results.exit_code(), 1);
  EXPECT_EQ(err_.str(), "sampan: rm a: no such file or directory\nsampan: rm b\\x1b[2J: is a directory\n");
}

TEST_F(ItemResultsTest, APartOfADirectoryIsSomeOfSeveral) {
  ItemResults results(console_, "put", 1);
  results.failed_within("dir/x", ErrorCode::denied);
  EXPECT_EQ(results.exit_code(), 1);
}

TEST_F(ItemResultsTest, ALostConnectionEndsTheCommandWithItsOwnCodeAndTheWayOut) {
  ItemResults results(console_, "put", 3);
  RecordingProgress progress(err_);
  const bool goes_on = transfer(progress, "a", results, []() -> Result<> {
    throw net::StreamError(Error(ErrorCode::connection_lost));
  });
  EXPECT_FALSE(goes_on);
  EXPECT_EQ(results.exit_code(), 5);
  EXPECT_EQ(err_.str(), "[failed]\nsampan: put a: connection lost: run the same command again to resume\n");
}

TEST_F(ItemResultsTest, InterruptedIs130AfterTheBarHasEnded) {
  ItemResults results(console_, "get", 1);
  RecordingProgress progress(err_);
  transfer(progress, "a", results,
           []() -> Result<> { throw net::StreamError(Error(ErrorCode::interrupted)); });
  EXPECT_EQ(results.exit_code(), 130);
  EXPECT_EQ(err_.str(), "[failed]\nsampan: get a: interrupted: run the same command again to resume\n");
}

TEST_F(ItemResultsTest, ARefusedItemLetsTheNextGoOn) {
  ItemResults results(console_, "put", 2);
  RecordingProgress first(err_), second(err_);
  EXPECT_TRUE(transfer(first, "a", results, []() -> Result<> { return fail(ErrorCode::denied); }));
  EXPECT_TRUE(transfer(second, "b", results, []() -> Result<> { return {}; }));
  EXPECT_EQ(results.exit_code(), 1);
  EXPECT_EQ(err_.str(), "[failed]\nsampan: put a: permission denied\n[done]\n");
}

}  // namespace
}  // namespace sampan::cli
