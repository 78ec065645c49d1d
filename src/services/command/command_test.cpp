#include "services/command/command.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"
#include "base/unique_fd.h"
#include "net/deadline.h"

namespace sampan::services {
namespace {

using End = CommandOutcome::End;
using std::chrono::milliseconds;

// Only commands that do no harm: whoever runs the tests may be root.
class CommandTest : public ::testing::Test {
 protected:
  CommandOutcome run(std::string_view text) { return run(text, limits_); }
  CommandOutcome run(std::string_view text, const CommandLimits& limits) {
    const auto command = Command::start(loop_, text, limits);
    EXPECT_TRUE(command) << text;
    return loop_.run((*command)->wait());
  }
  std::shared_ptr<Command> start(std::string_view text) { return *Command::start(loop_, text, limits_); }

  static net::Task<> until_there(const std::string& file) {
    while (!std::filesystem::exists(file)) co_await net::sleep(milliseconds(1));
  }

  net::EventLoop loop_;
  CommandLimits limits_{.time = milliseconds(60'000)};
  sampan::testing::TemporaryDirectory directory_;
};

// Whether a process has this word on its command line.
bool is_running(const std::string& word) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    std::stringstream text;
    text << file.rdbuf();
    if (text.str().find(word) != std::string::npos) return true;
  }
  return false;
}

// A sleep that nobody else has: its length names it.
std::string unique_sleep() {
  return "86400." + std::to_string(getpid()) +
         std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
}

TEST_F(CommandTest, GivesBothOutputsAndTheStatus) {
  const auto outcome = run("printf out; printf err >&2; exit 3");
  EXPECT_EQ(outcome.end, End::exited);
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(outcome.output, "out");
  EXPECT_EQ(outcome.errors, "err");
  EXPECT_EQ(outcome.remark(limits_), "");
}

TEST_F(CommandTest, NoOutputIsAnOutputToo) {
  for (const char* text : {"true", "", " ", "#", "cd /"}) {
    const auto outcome = run(text);
    EXPECT_EQ(outcome.end, End::exited) << text;
    EXPECT_EQ(outcome.status, 0) << text;
    EXPECT_EQ(outcome.output + outcome.errors, "") << text;
  }
}

TEST_F(CommandTest, TextIsACommandWhateverItBeginsWith) {
  EXPECT_EQ(run("no-such-command-here").status, 127);
  EXPECT_EQ(run("-c").status, 127);
  EXPECT_EQ(run("--help").status, 127);
  EXPECT_NE(run("if").errors, "");  // a syntax error is told
  EXPECT_EQ(run("printf '%s' \"报告 $0\"").output, "报告 sh");
  EXPECT_EQ(run("printf 'a\\0b\\377'").output, std::string("a\0b\xff", 4));
}

TEST_F(CommandTest, ANulByteIsRefused) {
  const auto command = Command::start(loop_, std::string_view("true\0false", 10), limits_);
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().code(), ErrorCode::invalid);
}

TEST_F(CommandTest, ReadsBothOutputsAsTheyCome) {
  // More than a pipe holds, on the one that is read second by whoever reads them one after the other.
  const auto outcome = run("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; printf end >&2");
  EXPECT_EQ(outcome.end, End::exited);
  EXPECT_EQ(outcome.output.size(), 300'000U);
  EXPECT_EQ(outcome.errors.size(), 300'003U);
}

TEST_F(CommandTest, HasNothingToReadAndACleanEnvironment) {
  setenv("SAMPAN_TEST_SECRET", "do not tell", 1);
  EXPECT_EQ(run("cat; read x; echo \"$?\"").output, "1\n");
  const std::string environment = run("/usr/bin/env").output;
  EXPECT_EQ(environment.find("SECRET"), std::string::npos) << environment;
  EXPECT_NE(environment.find("PATH=/usr/local/bin:/usr/bin:/bin\n"), std::string::npos) << environment;
  unsetenv("SAMPAN_TEST_SECRET");
}

TEST_F(CommandTest, InheritsNoDescriptorAndNoSignalMask) {
  const UniqueFd mine(open("/dev/null", O_RDONLY));  // without CLOEXEC
  ASSERT_TRUE(mine);
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, &before);
  EXPECT_EQ(run("ls /proc/self/fd").output, "0\n1\n2\n3\n");  // 3: the directory that ls reads
  EXPECT_EQ(run("kill -TERM $$; echo still here").output, "");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(CommandTest, ASignalIsAnEnd) {
  const auto outcome = run("kill -SEGV $$");
  EXPECT_EQ(outcome.end, End::killed);
  EXPECT_EQ(outcome.status, SIGSEGV);
  EXPECT_EQ(outcome.remark(limits_), "ended by signal 11");
}

TEST_F(CommandTest, TimeHasALimit) {
  const std::string sleep = unique_sleep();
  const auto outcome = run("echo begun; sleep " + sleep, {.time = milliseconds(200)});
  EXPECT_EQ(outcome.end, End::too_long);
  EXPECT_EQ(outcome.output, "begun\n");
  EXPECT_FALSE(is_running(sleep));
  EXPECT_EQ(outcome.remark({.time = milliseconds(200)}), "ended after 0.2 s, its limit of time");
}

TEST_F(CommandTest, OutputHasALimitAndIsNeverSilentlyCut) {
  const CommandLimits limits = {.time = milliseconds(60'000), .output = 100'000};
  for (const char* text : {"yes", "yes >&2", "yes & yes >&2"}) {
    const auto outcome = run(text, limits);
    EXPECT_EQ(outcome.end, End::too_loud) << text;
    EXPECT_EQ(outcome.output.size() + outcome.errors.size(), limits.output) << text;
    EXPECT_NE(outcome.remark(limits), "");
  }
  EXPECT_EQ(run("head -c 100000 /dev/zero", limits).end, End::exited);
  EXPECT_EQ(run("head -c 100001 /dev/zero", limits).end, End::too_loud);
}

TEST_F(CommandTest, ProcessesHaveALimit) {
  const CommandLimits limits = {.time = milliseconds(60'000), .processes = 8};
  const std::string sleep = unique_sleep();
  const auto outcome =
      run("i=0; while [ $i -lt 20 ]; do sleep " + sleep + " & i=$((i+1)); done; wait", limits);
  EXPECT_EQ(outcome.end, End::too_many);
  EXPECT_FALSE(is_running(sleep));
  EXPECT_EQ(run("for i in 1 2 3; do sleep 0.05 & done; wait; echo fine", limits).output, "fine\n");
}

TEST_F(CommandTest, WhatItLeavesBehindIsEndedWithIt) {
  const std::string sleep = unique_sleep();
  for (const std::string& text :
       {"sleep " + sleep + " & echo done", "setsid sleep " + sleep + " & echo done",
        "(setsid setsid sleep " + sleep + " &) ; echo done",
        "nohup setsid sh -c 'sleep " + sleep + " & sleep " + sleep + "' >/dev/null 2>&1 & echo done"}) {
    const auto outcome = run(text);
    EXPECT_EQ(outcome.end, End::exited) << text;
    EXPECT_EQ(outcome.output, "done\n") << text;
    EXPECT_FALSE(is_running(sleep)) << text;
  }
}

TEST_F(CommandTest, EndsWhenNobodyWaitsAnyMore) {
  const std::string sleep = unique_sleep();
  const std::string mark = directory_.path() + "/begun";
  const auto command = start("touch " + mark + "; trap '' TERM INT HUP; setsid sleep " + sleep);
  loop_.run(until_there(mark));
  command->end();
  const auto outcome = loop_.run(command->wait());
  EXPECT_EQ(outcome.end, End::abandoned);
  EXPECT_FALSE(is_running(sleep));
}

TEST_F(CommandTest, EndsWithItsObject) {
  const std::string sleep = unique_sleep();
  const std::string mark = directory_.path() + "/begun";
  auto command = start("touch " + mark + "; sleep " + sleep);
  loop_.run(until_there(mark));
  ASSERT_TRUE(is_running(sleep));
  command.reset();
  EXPECT_FALSE(is_running(sleep));
}

TEST_F(CommandTest, EndsWithTheProcessThatAskedForIt) {
  const std::string sleep = unique_sleep();
  const std::string mark = directory_.path() + "/begun";
  const pid_t child = fork();
  if (child == 0) {
    net::EventLoop loop;
    const auto command = Command::start(loop, "touch " + mark + "; setsid sleep " + sleep, limits_);
    if (command) loop.run(until_there(mark));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && std::filesystem::exists(mark));
  // Nobody is left to tell: it is gone soon.
  for (int i = 0; i < 10'000 && is_running(sleep); ++i) usleep(1'000);
  EXPECT_FALSE(is_running(sleep));
}

net::Task<> wait_for(std::shared_ptr<Command> command, std::size_t& over) {
  const CommandOutcome outcome = co_await command->wait();
  if (outcome.output == "done\n") ++over;
}

TEST_F(CommandTest, ManyRunSideBySideOnOneLoop) {
  constexpr std::size_t count = 20;
  std::size_t over = 0;
  // Each waits for all the others: one after another they would never end.
  const std::string wait = "cd " + directory_.path() + "; touch $$; while [ $(ls | wc -l) -lt " +
                           std::to_string(count) + " ]; do sleep 0.02; done; echo done";
  for (std::size_t i = 0; i < count; ++i) loop_.start(wait_for(start(wait), over));
  loop_.run();
  EXPECT_EQ(over, count);
}

TEST_F(CommandTest, LeavesNoZombieAndNoDescriptor) {
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  run("true");
  const auto before = descriptors();
  for (int i = 0; i < 5; ++i) run("(sleep 0.01 &); exit 1");
  { const auto dropped = start("sleep 1d"); }
  EXPECT_EQ(descriptors(), before);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);  // no child of ours is left
  EXPECT_EQ(errno, ECHILD);
}

TEST(CommandLoop, MayGoWhileOneRuns) {
  const std::string sleep = unique_sleep();
  std::size_t over = 0;
  {
    net::EventLoop loop;
    loop.start(wait_for(*Command::start(loop, "sleep " + sleep, {}), over));
    loop.post([&] { loop.stop(); });
    loop.run();
  }
  EXPECT_EQ(over, 0U);
  EXPECT_FALSE(is_running(sleep));
}

}  // namespace
}  // namespace sampan::services
