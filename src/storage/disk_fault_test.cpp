// Every system call of every act fails once, in every way: what then stands must be right, and go on.
#include <cerrno>

#include <gtest/gtest.h>

#include "storage/testing/course.h"
#include "storage/testing/soundness.h"

namespace sampan::storage {
namespace {

using disk::testing::Fault;
using testing::Scenario;
using testing::SimulatedHomes;

struct Kind {
  const char* name;
  Fault fault;      // without its call
  ErrorCode cause;  // what the user is told
};

constexpr std::array once = {
    Kind{"EIO", {.error = EIO}, ErrorCode::io_error},
    Kind{"ENOSPC", {.error = ENOSPC}, ErrorCode::disk_full},
    Kind{"EDQUOT", {.error = EDQUOT}, ErrorCode::disk_full},
    Kind{"EACCES", {.error = EACCES}, ErrorCode::denied},
    Kind{"EMFILE", {.error = EMFILE}, ErrorCode::busy},
    Kind{"EINTR", {.error = EINTR}, ErrorCode::io_error},
    Kind{"a short write", {.short_write = true}, ErrorCode::disk_full},
};
constexpr std::array lasting = {
    Kind{"EIO from then on", {.error = EIO, .lasting = true}, ErrorCode::io_error},
    Kind{"ENOSPC from then on", {.error = ENOSPC, .lasting = true}, ErrorCode::disk_full},
    Kind{"half a write, then ENOSPC",
         {.error = ENOSPC, .lasting = true, .short_write = true},
         ErrorCode::disk_full},
};

class DiskFaultTest : public ::testing::TestWithParam<Scenario> {
 protected:
  // Whether the act came to the n-th call at all.
  bool strike(const testing::Course& course, Kind kind, std::uint64_t call) {
    kind.fault.call = call;
    SCOPED_TRACE(std::string(kind.name) + " at call " + std::to_string(call));
    SimulatedHomes world(course.start);
    if (!GetParam().attach(world)) ADD_FAILURE();
    world.disk().arm(kind.fault);
    const Result<> outcome = GetParam().act(world);
    const bool reached = world.disk().calls() >= call;
    world.disk().disarm();
    if (outcome) {  // the fault did not matter, or came too late
      EXPECT_EQ(world.tree(), course.after);
    } else {
      EXPECT_EQ(outcome.error().code(), kind.cause) << outcome.error().message();
      testing::expect_old_or_new(world.tree(), course.before, course.after);
    }
    if (kind.fault.lasting && !outcome) {
      // What a dead disk did not let us remove stays charged, and goes with the rest of its kind.
      world.let_go();
      EXPECT_GE(world.home().used().bytes, world.on_disk().bytes);
      if (world.home().used() != world.on_disk()) (void)world.expire();
    }
    testing::expect_sound(world);
    if (!kind.fault.lasting) testing::expect_no_litter(world);
    go_on(course, world);
    return reached;
  }

 private:
  // Without a restart and after one: the same again, and something else.
  void go_on(const testing::Course& course, SimulatedHomes& world) {
    SimulatedHomes restarted(world);
    testing::expect_no_litter(restarted);
    for (SimulatedHomes* next : {&world, &restarted}) {
      SCOPED_TRACE(next == &world ? "going on" : "after a restart");
      const disk::testing::MountedDisk mounted(next->disk());
      testing::expect_sound(*next);
      const Result<> again = GetParam().act(*next);
      SCOPED_TRACE(again ? "done" : again.error().message());
      testing::expect_old_or_new(next->tree(), course.after, course.after);
      testing::expect_sound(*next);
      EXPECT_EQ(next->home().used(), course.used);
      EXPECT_TRUE(next->put({{GetParam().next, "canary"}}));
      testing::expect_sound(*next);
    }
  }
};

TEST_P(DiskFaultTest, OneCallFails) {
  RecordProperty("proves", "R3.8");
  const testing::Course course(GetParam());
  for (const Kind& kind : once) {
    if (kind.fault.error == GetParam().meant) continue;
    for (std::uint64_t call = 1; strike(course, kind, call) && !HasFailure(); ++call) continue;
  }
}

TEST_P(DiskFaultTest, EveryCallFailsFromOneOn) {
  const testing::Course course(GetParam());
  for (const Kind& kind : lasting)
    for (std::uint64_t call = 1; strike(course, kind, call) && !HasFailure(); ++call) continue;
}

INSTANTIATE_TEST_SUITE_P(Acts, DiskFaultTest, ::testing::ValuesIn(testing::all_scenarios()),
                         testing::scenario_name);

}  // namespace
}  // namespace sampan::storage
