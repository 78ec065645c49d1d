#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "storage/testing/simulated_homes.h"

namespace sampan::storage::testing {

/// One thing that a user (or the clock) does, from a state that was reached while all was well. Done twice it
/// leaves what it leaves done once, though the second time may be refused (a name is gone, or taken).
struct Scenario {
  std::string name;
  std::function<Result<>(SimulatedHomes&)> prepare;
  std::function<Result<>(SimulatedHomes&)> act;
  /// In each world anew, as an open upload does not survive a restart; all is still well.
  std::function<Result<>(SimulatedHomes&)> attach = [](SimulatedHomes&) { return Result<>(); };
  /// A file that a user may put there afterwards: below the names that the act has changed.
  std::string next = "canary";
  /// An errno that is no fault here but says something else: EACCES, that the operator has shut a directory.
  int meant = 0;
  /// Whether success promises that the outcome survives a power cut.
  bool durable = true;
};

std::ostream& operator<<(std::ostream& out, const Scenario& scenario);

/// For INSTANTIATE_TEST_SUITE_P.
std::string scenario_name(const ::testing::TestParamInfo<Scenario>& scenario);

/// Everything that storage does with a disk.
std::vector<Scenario> all_scenarios();

}  // namespace sampan::storage::testing
