#pragma once

#include "storage/testing/scenarios.h"

namespace sampan::storage::testing {

/// A scenario where all goes well: where it starts, and what it leads to.
struct Course {
  explicit Course(const Scenario& scenario);

  SimulatedHomes start;
  SimulatedHomes::Tree before;
  SimulatedHomes::Tree after;
  Usage used;  ///< afterwards
};

}  // namespace sampan::storage::testing
