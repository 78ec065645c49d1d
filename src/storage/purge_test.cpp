// Every system call of a purge fails once, and the power goes after it: what goes is gone, what stays is
// said.
#include <array>
#include <cerrno>
#include <map>

#include <gtest/gtest.h>

#include "storage/testing/simulated_homes.h"

namespace sampan::storage {
namespace {

using disk::testing::Fault;
using disk::testing::Survival;
using testing::SimulatedHomes;

constexpr std::uint64_t opening = 2;  // calls, one for each place, before anything is looked at

// Files, directories, one of them empty, and an upload on its way.
void fill(SimulatedHomes& world) {
  ASSERT_TRUE(world.make_directory("d/e/f", true));
  ASSERT_TRUE(world.make_directory("empty", false));
  ASSERT_TRUE(world.put({{"a", "a"}, {"b", "b"}, {"d/c", "c"}, {"d/e/f/g", "g"}}));
  ASSERT_TRUE(world.send("big", SimulatedHomes::bytes_of(2 * SimulatedHomes::chunk + 17), {0, 1}));
}

bool is_gone(SimulatedHomes& world) {
  return !world.disk().tree("homes").contains("alice") && !world.disk().tree("staging").contains("alice");
}

class PurgeTest : public ::testing::TestWithParam<Fault> {};

TEST_P(PurgeTest, OneCallFails) {
  for (std::uint64_t call = 1;; ++call) {
    SCOPED_TRACE("call " + std::to_string(call));
    SimulatedHomes world;
    fill(world);
    Fault fault = GetParam();
    fault.call = call;
    world.disk().arm(fault);
    const Result<> outcome = world.purge();
    const bool reached = world.disk().calls() >= call;
    world.disk().disarm();
    if (outcome) {
      EXPECT_TRUE(is_gone(world)) << "success leaves nothing";
    } else {
      EXPECT_NE(outcome.error().code(), ErrorCode::not_found);
      EXPECT_NE(outcome.error().code(), ErrorCode::not_empty) << "the cause, not what comes of it";
      const bool both =
          world.disk().tree("homes").contains("alice") && world.disk().tree("staging").contains("alice");
      EXPECT_TRUE(!both || fault.lasting || call <= opening)
          << "what fails in one place keeps nothing in the other";
    }
    const Result<> again = world.purge();
    EXPECT_TRUE(again || again.error().code() == ErrorCode::not_found) << again.error().message();
    EXPECT_TRUE(is_gone(world)) << "the same again finishes it";
    if (!reached || HasFailure()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, PurgeTest,
                         ::testing::Values(Fault{.error = EIO}, Fault{.error = EACCES}, Fault{.error = EPERM},
                                           Fault{.error = EIO, .lasting = true}));

TEST(Purge, WhatStaysIsNamedAndAlone) {
  for (const auto& [file, above] :
       std::map<std::string, std::size_t>{{"alice/a", 1}, {"alice/d/c", 2}, {"alice/d/e/f/g", 4}}) {
    bool named = false;
    for (std::uint64_t call = 1; call < 60 && !named; ++call) {
      SimulatedHomes world;
      fill(world);
      world.disk().arm({.call = call, .error = EPERM});
      const Result<> outcome = world.purge();
      world.disk().disarm();
      named = !outcome && outcome.error().detail().starts_with(file + ": ") &&
              world.disk().tree("homes").contains(file) && world.disk().tree("homes").size() == above + 1;
    }
    EXPECT_TRUE(named) << file;
  }
}

TEST(Purge, SurvivesAPowerCut) {
  for (const Survival& survival :
       {Survival{}, Survival{.names = true}, Survival{.seed = 1}, Survival{.seed = 2}}) {
    SimulatedHomes world;
    fill(world);
    ASSERT_TRUE(world.purge());
    world.disk().cut_power(survival);
    EXPECT_TRUE(is_gone(world)) << "for good";
  }
}

}  // namespace
}  // namespace sampan::storage
