// The power goes at every system call of every act, and with it whatever was not synced: what was
// acknowledged is there, everything else is old or new, and the ledger is the disk.
#include <array>
#include <cerrno>

#include <gtest/gtest.h>

#include "storage/testing/course.h"
#include "storage/testing/soundness.h"

namespace sampan::storage {
namespace {

using disk::testing::Survival;
using testing::Course;
using testing::Scenario;
using testing::SimulatedHomes;

constexpr std::array survivals = {
    Survival{},
    Survival{.names = true, .bytes = true},
    Survival{.names = true},
    Survival{.bytes = true},
    Survival{.seed = 1},
    Survival{.seed = 2},
    Survival{.seed = 3},
    Survival{.seed = 4},
};

std::string describe(const Survival& survival) {
  if (survival.seed != 0) return "what survives by chance " + std::to_string(survival.seed);
  return std::string("unsynced names ") + (survival.names ? "survive" : "go") + ", unsynced bytes " +
         (survival.bytes ? "survive" : "go");
}

class PowerCutTest : public ::testing::TestWithParam<Scenario> {
 protected:
  const Scenario& scenario() const { return GetParam(); }

  // The server starts on what a cut has left of `off`.
  void start_again(const Course& course, const SimulatedHomes& off, bool acknowledged) {
    for (const Survival& survival : survivals) {
      SCOPED_TRACE(describe(survival));
      SimulatedHomes world(off, survival);
      testing::expect_old_or_new(world.tree(), acknowledged ? course.after : course.before, course.after);
      testing::expect_sound(world);
      testing::expect_no_litter(world);
      EXPECT_EQ(world.home().pending_uploads()->size(), testing::parts_in(world.staging()));
      const Result<> again = scenario().act(world);
      testing::expect_old_or_new(world.tree(), course.after, course.after);
      EXPECT_EQ(world.home().used(), course.used) << (again ? "" : again.error().message());
      testing::expect_sound(world);
      EXPECT_TRUE(world.put({{scenario().next, "canary"}}));
    }
  }
};

// The power goes now, and nothing that was not synced survives.
SimulatedHomes::Tree cut(SimulatedHomes& world, const SimulatedHomes::Tree& before,
                         const SimulatedHomes::Tree& after) {
  SimulatedHomes restarted(world, Survival{});
  testing::expect_old_or_new(restarted.tree(), before, after);
  testing::expect_sound(restarted);
  return restarted.tree();
}

TEST_P(PowerCutTest, AtEveryCall) {
  RecordProperty("proves", "R11.10");
  const Course course(scenario());
  for (std::uint64_t call = 1;; ++call) {
    SCOPED_TRACE("the power goes at call " + std::to_string(call));
    SimulatedHomes world(course.start);
    ASSERT_TRUE(scenario().attach(world));
    world.disk().arm({.call = call, .error = EIO, .lasting = true});
    const bool acknowledged = scenario().act(world).has_value() && scenario().durable;
    const bool reached = world.disk().calls() >= call;
    start_again(course, world, acknowledged);
    if (!reached || HasFailure()) break;
  }
}

// A disk that fails once and then seems well again: what is acknowledged from then on is as safe as ever.
TEST_P(PowerCutTest, AfterAFault) {
  RecordProperty("proves", "R11.10");
  const Course course(scenario());
  for (std::uint64_t call = 1;; ++call) {
    SCOPED_TRACE("call " + std::to_string(call) + " failed before");
    SimulatedHomes world(course.start);
    ASSERT_TRUE(scenario().attach(world));
    world.disk().arm({.call = call, .error = EIO});
    (void)scenario().act(world);
    const bool reached = world.disk().calls() >= call;
    world.disk().disarm();
    const bool acknowledged = scenario().act(world).has_value() && scenario().durable;
    cut(world, acknowledged ? course.after : course.before, course.after);
    ASSERT_TRUE(world.put({{scenario().next, "canary"}}));
    auto with_canary = course.after;
    with_canary[scenario().next] = world.tree().at(scenario().next);
    const auto kept = cut(world, acknowledged ? with_canary : course.before, with_canary);
    EXPECT_TRUE(kept.contains(scenario().next)) << "a receipt for nothing";
    if (!reached || HasFailure()) break;
  }
}

// From an empty data directory to the first receipt.
TEST(FirstLoginTest, AReceiptHoldsWhateverFailedBefore) {
  const std::string top(disk::testing::SimulatedDisk::root_path);
  const auto log_in_and_put = [&] {
    auto homes = disk::Directory::make_trusted(top + "/data/homes", 0700);
    auto staging = disk::Directory::make_trusted(top + "/data/staging", 0700);
    if (!homes || !staging) return false;
    if (!homes->stat("alice") && !make_home(*homes, "alice")) return false;
    Homes all(std::move(*homes), std::move(*staging));
    const auto home = all.open("alice");
    const std::vector<WholeFile> files = {
        {{SimulatedHomes::path_of("f"), 5, {}, 0644}, as_bytes("bytes"), digest_of(as_bytes("bytes"))}};
    return home && (*home)->put(files).front();
  };
  for (std::uint64_t call = 1;; ++call) {
    disk::testing::SimulatedDisk disk;
    const disk::testing::MountedDisk mounted(disk);
    disk.arm({.call = call, .error = EIO});
    (void)log_in_and_put();
    const bool reached = disk.calls() >= call;
    disk.disarm();
    EXPECT_TRUE(log_in_and_put()) << call;
    disk.cut_power({});
    EXPECT_TRUE(disk.tree("data/homes/alice").contains("f")) << "after call " << call << " failed";
    if (!reached) break;
  }
}

INSTANTIATE_TEST_SUITE_P(Acts, PowerCutTest, ::testing::ValuesIn(testing::all_scenarios()),
                         testing::scenario_name);

}  // namespace
}  // namespace sampan::storage
