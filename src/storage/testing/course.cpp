#include "storage/testing/course.h"

#include <gtest/gtest.h>

#include "storage/testing/soundness.h"

namespace sampan::storage::testing {

Course::Course(const Scenario& scenario) {
  EXPECT_TRUE(scenario.prepare(start));
  start.disk().sync_all();
  before = start.tree();
  SimulatedHomes run(start);
  EXPECT_TRUE(scenario.attach(run));
  const auto outcome = scenario.act(run);
  EXPECT_TRUE(outcome) << outcome.error().message();
  expect_sound(run);
  after = run.tree();
  used = run.home().used();
}

}  // namespace sampan::storage::testing
