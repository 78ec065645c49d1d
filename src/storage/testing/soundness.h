#pragma once

#include "storage/testing/simulated_homes.h"

namespace sampan::storage::testing {

/// Expects of each name that it is as before or as after, and whole either way. A directory's mode may not
/// have come to it yet: then it is private.
void expect_old_or_new(const SimulatedHomes::Tree& now, const SimulatedHomes::Tree& before,
                       const SimulatedHomes::Tree& after);

/// Expects of a staging directory that it holds nothing but the two files of each upload.
void expect_no_litter(const SimulatedHomes& world);

/// Uploads that wait in a staging directory.
std::size_t parts_in(const SimulatedHomes::Tree& staging);

/// Expects of a home at rest, all being well with its disk: the ledger is what the disk keeps; a file's
/// digest is that of its bytes; no descriptor is held.
void expect_sound(SimulatedHomes& world);

}  // namespace sampan::storage::testing
