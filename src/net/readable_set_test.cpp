#include "net/readable_set.h"

#include <array>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace sampan::net {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    out.reset(ends[0]);
    in.reset(ends[1]);
  }
  void put() const { ASSERT_EQ(write(in.get(), "x", 1), 1); }
  UniqueFd out, in;
};

TEST(ReadableSet, SaysWhichOfThemHaveSomething) {
  EventLoop loop;
  auto set = ReadableSet::make(loop);
  ASSERT_TRUE(set);
  const Pipe a;
  const Pipe b;
  const Pipe c;
  for (const Pipe* pipe : {&a, &b, &c}) ASSERT_TRUE(set->add(pipe->out.get()));
  b.put();
  EXPECT_EQ(loop.run(set->wait()), std::vector{b.out.get()});
  EXPECT_EQ(loop.run(set->wait()), std::vector{b.out.get()});  // nobody has read it
  c.put();
  EXPECT_EQ(loop.run(set->wait()).size(), 2U);
  set->remove(b.out.get());
  EXPECT_EQ(loop.run(set->wait()), std::vector{c.out.get()});
}

TEST(ReadableSet, WaitsAndHearsOfTheEnd) {
  EventLoop loop;
  auto set = ReadableSet::make(loop);
  ASSERT_TRUE(set);
  Pipe pipe;
  ASSERT_TRUE(set->add(pipe.out.get()));
  std::vector<int> ready;
  struct Wait {
    static Task<> into(ReadableSet& from, std::vector<int>& to) { to = co_await from.wait(); }
  };
  loop.start(Wait::into(*set, ready));
  loop.post([&] { pipe.in.reset(); });  // after the wait has begun
  loop.run();
  EXPECT_EQ(ready, std::vector{pipe.out.get()});
}

TEST(ReadableSet, NobodyNeedsToWaitToTheEnd) {
  Pipe pipe;
  EventLoop loop;
  auto set = ReadableSet::make(loop);
  ASSERT_TRUE(set && set->add(pipe.out.get()));
  struct Wait {
    static Task<> once(ReadableSet& from) { co_await from.wait(); }
  };
  loop.start(Wait::once(*set));
  loop.post([&] { loop.stop(); });
  loop.run();
}

}  // namespace
}  // namespace sampan::net
