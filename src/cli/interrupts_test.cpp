#include "cli/interrupts.h"

#include <atomic>

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sampan::cli {
namespace {

bool comes(int fd) {
  pollfd waited = {fd, POLLIN, 0};
  return poll(&waited, 1, 10'000) == 1;
}

void signal_event(int fd) {
  const std::uint64_t one = 1;
  (void)!write(fd, &one, sizeof one);
}

TEST(Interrupts, TheNewestHandlerIsTold) {
  Interrupts interrupts;
  const UniqueFd outer_event(eventfd(0, 0)), inner_event(eventfd(0, 0));
  const Interrupts::Handler outer(interrupts, [&] { signal_event(outer_event.get()); });
  {
    const Interrupts::Handler inner(interrupts, [&] { signal_event(inner_event.get()); });
    kill(getpid(), SIGINT);
    EXPECT_TRUE(comes(inner_event.get()));
  }
  kill(getpid(), SIGTERM);
  EXPECT_TRUE(comes(outer_event.get()));
}

TEST(Interrupts, SomeTakeEveryOne) {
  Interrupts interrupts;
  const UniqueFd event(eventfd(0, EFD_SEMAPHORE));
  const Interrupts::Handler child_runs(
      interrupts, [&] { signal_event(event.get()); }, Interrupts::Times::every);
  for (int i = 0; i < 3; ++i) {
    kill(getpid(), SIGINT);
    ASSERT_TRUE(comes(event.get()));
    std::uint64_t count = 0;
    (void)!read(event.get(), &count, sizeof count);
  }
}

using InterruptsDeathTest = ::testing::Test;

TEST(InterruptsDeathTest, WhatNobodyHandlesEndsWith130) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Interrupts interrupts;
        interrupts.start();
        kill(getpid(), SIGINT);
        pause();
      },
      ::testing::ExitedWithCode(130), "interrupted");
}

TEST(InterruptsDeathTest, ASecondOneEndsWith130) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Interrupts interrupts;
        const Interrupts::Handler once(interrupts, [] { kill(getpid(), SIGINT); });
        kill(getpid(), SIGINT);
        while (true) pause();
      },
      ::testing::ExitedWithCode(130), "interrupted");
}

}  // namespace
}  // namespace sampan::cli
