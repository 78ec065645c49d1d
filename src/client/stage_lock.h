#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "disk/directory.h"

namespace sampan::client {

/// Keeps two processes from staging the same file: a lock on the staged file itself, so that it goes with the
/// process, however that ends. Held until destruction.
class StageLock {
 public:
  /// Of what an earlier process left under `name`; nothing where there is none. busy where a process is still
  /// at it.
  static Result<std::optional<StageLock>> of_leftover(const disk::Directory& directory,
                                                      const std::string& name);
  /// Of the file that was just made there and is open as `fd`. busy where another process was quicker.
  static Result<StageLock> of_new(const disk::Directory& directory, const std::string& name, int fd);

  /// busy where `name` is no longer the file that is locked: to be asked before it is renamed.
  Result<> check(const disk::Directory& directory, const std::string& name) const;

 private:
  explicit StageLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace sampan::client
