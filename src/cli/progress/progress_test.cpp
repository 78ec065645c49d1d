#include "cli/progress/progress.h"

#include <sstream>

#include <gmock/gmock.h>

#include "base/text.h"
#include "cli/options.h"
#include "cli/progress/json_progress.h"
#include "cli/progress/live_bar.h"
#include "cli/progress/progress_bar.h"

namespace sampan::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class ProgressTest : public ::testing::Test {
 protected:
  Now clock() {
    return [this] { return now_; };
  }
  std::unique_ptr<ProgressBar> bar() {
    return std::make_unique<ProgressBar>(screen_, "f", clock(), [this] { return columns_; });
  }
  /// What was drawn: the texts between carriage returns.
  std::vector<std::string> frames() const {
    std::vector<std::string> frames;
    std::istringstream text(screen_.str());
    for (std::string frame; std::getline(text, frame, '\r');)
      if (!frame.empty()) frames.push_back(frame);
    return frames;
  }
  static int percent(const std::string& frame) {
    const auto end = frame.find('%');
    return std::stoi(frame.substr(end - 3, 3));
  }

  ProgressClock::time_point now_{};
  std::size_t columns_ = 80;
  std::ostringstream screen_;
};

TEST_F(ProgressTest, NeverFallsAndReaches100OnlyAtTheEnd) {
  const auto transfer = bar();
  transfer->begin("", 1000, 0);
  for (int i = 0; i < 100; ++i) {
    now_ += 150ms;
    transfer->advance(10);
  }
  const std::size_t before_the_end = frames().size();
  int last = 0;
  for (const std::string& frame : frames()) {
    EXPECT_GE(percent(frame), last);
    last = percent(frame);
    EXPECT_LT(last, 100);
  }
  transfer->end(nullptr);
  ASSERT_EQ(frames().size(), before_the_end + 1);
  EXPECT_EQ(percent(frames().back()), 100);
  EXPECT_THAT(frames().back(), EndsWith("\n"));
}

TEST_F(ProgressTest, RedrawsAtMostTenTimesASecond) {
  RecordProperty("proves", "R4.1 R4.7");
  const auto transfer = bar();
  transfer->begin("", 100'000, 0);
  for (int i = 0; i < 10'000; ++i) {
    now_ += 1ms;  // ten seconds in all
    transfer->advance(1);
  }
  EXPECT_LE(frames().size(), 101U);
  EXPECT_GE(frames().size(), 50U);
}

TEST_F(ProgressTest, TheLastByteIsShownAtOnce) {
  const auto transfer = bar();
  transfer->begin("", 100, 0);
  now_ += 1ms;
  transfer->advance(40);  // too soon
  transfer->advance(60);
  ASSERT_EQ(frames().size(), 2U);
  EXPECT_EQ(percent(frames().back()), 99);
  EXPECT_THAT(frames().back(), HasSubstr("verifying"));
}

TEST_F(ProgressTest, ASilentNetworkHasNoSpeed) {
  RecordProperty("proves", "R4.4");
  const auto transfer = bar();
  transfer->begin("", 1000, 0);
  for (int i = 0; i < 10; ++i) {
    now_ += 1s;
    transfer->advance(10);
  }
  EXPECT_THAT(frames().back(), HasSubstr(" 10 B/s  eta 1:30"));
  for (int i = 0; i < 20; ++i) {
    now_ += 500ms;
    transfer->tick();
  }
  EXPECT_THAT(frames().back(), HasSubstr(" 0 B/s  eta -"));
  EXPECT_EQ(percent(frames().back()), 10);
}

TEST_F(ProgressTest, AtTheEndItSaysTheMeanOfAllThatThisRunBrought) {
  const auto transfer = bar();
  transfer->begin("", 1000, 400);
  now_ += 1s;
  transfer->advance(500);
  now_ += 9s;
  transfer->advance(100);
  transfer->end(nullptr);
  EXPECT_THAT(frames().back(), HasSubstr(" 60 B/s  in 10 s"));
}

TEST_F(ProgressTest, GivesWayToOtherWords) {
  const auto transfer = bar();
  transfer->begin("", 100, 0);
  transfer->give_way();
  transfer->give_way();
  transfer->tick();
  const std::string before = screen_.str();
  EXPECT_THAT(before, EndsWith("\n"));
  EXPECT_EQ(std::ranges::count(before, '\n'), 1);
  now_ += 1s;
  transfer->advance(10);
  transfer->end(nullptr);
  EXPECT_EQ(std::ranges::count(screen_.str(), '\n'), 2);
}

TEST_F(ProgressTest, ALiveBarMovesByItself) {
  std::ostringstream screen;
  {
    LiveBar transfer(screen, "f", ProgressClock::now, [] { return 80; });
    transfer.begin("", 100, 0);
    transfer.advance(50);
    transfer.give_way();
    transfer.advance(1);
    transfer.end(nullptr);
  }
  EXPECT_THAT(screen.str(), EndsWith("\n"));
  EXPECT_THAT(screen.str(), HasSubstr("100%"));
}

TEST_F(ProgressTest, NeverWrapsAlsoWhenTheWindowChanges) {
  const auto transfer = bar();
  transfer->begin("", 6ULL << 30, 0);
  for (const std::size_t columns : {80U, 40U, 200U, 41U}) {
    columns_ = columns;
    now_ += 1s;
    transfer->advance(1ULL << 30);
    EXPECT_EQ(display_width(frames().back()), columns - 3);
  }
}

TEST_F(ProgressTest, AResumedOneStartsWhereItWas) {
  RecordProperty("proves", "R4.3");
  const auto transfer = bar();
  transfer->begin("", 100, 60);
  EXPECT_EQ(percent(frames().front()), 60);
  now_ += 1s;
  transfer->advance(10);
  EXPECT_THAT(frames().back(), HasSubstr(" 10 B/s  eta 3 s")) << "what came earlier is not this run's speed";
}

TEST_F(ProgressTest, OneThatBeginsAnewDoesNotGoBack) {
  RecordProperty("proves", "R4.2");
  const auto transfer = bar();
  transfer->begin("", 100, 60);
  now_ += 1s;
  transfer->begin("", 100, 0);
  now_ += 1s;
  transfer->advance(10);
  for (const std::string& frame : frames()) EXPECT_EQ(percent(frame), 60);
}

TEST_F(ProgressTest, NothingAtAllIs100) {
  const auto transfer = bar();
  transfer->begin("", 0, 0);
  transfer->end(nullptr);
  EXPECT_EQ(percent(frames().back()), 100);
}

TEST_F(ProgressTest, AFailureEndsTheLineWhereItIs) {
  const auto transfer = bar();
  transfer->begin("", 100, 0);
  now_ += 1s;
  transfer->advance(40);
  const Error lost = ErrorCode::connection_lost;
  transfer->end(&lost);
  transfer->end(nullptr);  // a second one says nothing
  EXPECT_EQ(percent(frames().back()), 40);
  EXPECT_THAT(screen_.str(), EndsWith("\n"));
  EXPECT_EQ(std::ranges::count(screen_.str(), '\n'), 1);
}

TEST_F(ProgressTest, OneThatNeverBeganDrawsNothing) {
  {
    const auto transfer = bar();
    const Error refused = ErrorCode::over_quota;
    transfer->end(&refused);
  }
  EXPECT_EQ(screen_.str(), "");
}

TEST_F(ProgressTest, AnAbandonedBarEndsItsLine) {
  bar()->begin("", 10, 0);
  EXPECT_THAT(screen_.str(), EndsWith("\n"));
}

TEST_F(ProgressTest, JsonHasTheEventsOfTheContract) {
  JsonProgress transfer(screen_, "dir/f", clock());
  transfer.begin("", 100, 20);
  now_ += 2s;
  transfer.advance(40);
  now_ += 1ms;
  transfer.advance(1);  // too soon to be told
  transfer.end(nullptr);
  EXPECT_EQ(screen_.str(), R"({"event":"progress","path":"dir/f","done":20,"total":100,"rate":0,"eta":null})"
                           "\n"
                           R"({"event":"progress","path":"dir/f","done":60,"total":100,"rate":20,"eta":2})"
                           "\n"
                           R"({"event":"done","path":"dir/f","done":100,"total":100,"rate":20,"eta":2})"
                           "\n");
}

TEST_F(ProgressTest, JsonSaysWhatFailed) {
  JsonProgress transfer(screen_, "f", clock());
  const Error refused(ErrorCode::over_quota, Room{.needed = 2, .used = 0, .limit = 1});
  transfer.end(&refused);
  EXPECT_THAT(screen_.str(), HasSubstr(R"("event":"failed","path":"f")"));
  EXPECT_THAT(screen_.str(), HasSubstr(R"("error":"over_quota")"));
}

TEST_F(ProgressTest, NotATerminalHasNoBar) {
  std::ostringstream out;
  Console piped(out, screen_, {});
  for (const char* mode : {"auto", "bar", "none"}) {
    ProgressOption option;
    Options options;
    option.configure(options);
    ASSERT_TRUE(options.parse(std::vector<std::string>{"--progress", mode}));
    const auto transfer = option.make(piped, "f");
    transfer->begin("", 10, 0);
    transfer->advance(10);
    transfer->end(nullptr);
    EXPECT_EQ(screen_.str(), "") << mode;
  }
}

}  // namespace
}  // namespace sampan::cli
