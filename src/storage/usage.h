#pragma once

#include <cstdint>

namespace sampan::storage {

/// What a user keeps. Bytes are the sizes of regular files; files counts every entry (files, directories,
/// links) below the home.
struct Usage {
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  bool operator==(const Usage&) const = default;
};

}  // namespace sampan::storage
