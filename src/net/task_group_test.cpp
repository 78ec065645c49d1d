#include "net/task_group.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "net/deadline.h"
#include "net/event_loop.h"

namespace sampan::net {
namespace {

using std::chrono::milliseconds;

Task<> count_after(milliseconds pause, int& count) {
  co_await sleep(pause);
  ++count;
}
Task<> broken() {
  throw std::runtime_error("broken");
  co_return;
}

Task<int> start_three(TaskGroup& group, int& count) {
  co_await group.wait();  // there is none yet
  co_await group.start(count_after(milliseconds(5), count));
  co_await group.start(count_after(milliseconds(1), count));
  co_await group.start(broken());
  const int begun = count;
  co_await group.wait();
  co_return begun;
}

TEST(TaskGroup, WaitsForAllThatRunBeside) {
  EventLoop loop;
  TaskGroup group;
  int count = 0;
  EXPECT_EQ(loop.run(start_three(group, count)), 0) << "nothing begins before the starter waits";
  EXPECT_EQ(count, 2);
  EXPECT_EQ(loop.run(start_three(group, count)), 2) << "and again";
  EXPECT_EQ(count, 4);
}

Task<> start_and_go(int& count) {
  TaskGroup group;
  co_await group.start(count_after(milliseconds(1), count));
}

TEST(TaskGroup, WhatIsLeftGoesOnByItself) {
  int count = 0;
  {
    EventLoop loop;
    loop.run(start_and_go(count));
    loop.run(sleep(milliseconds(20)));
    EXPECT_EQ(count, 1);
    loop.run(start_and_go(count));
  }
  EXPECT_EQ(count, 1) << "and ends with its loop";
}

}  // namespace
}  // namespace sampan::net
