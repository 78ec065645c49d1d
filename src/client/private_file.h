#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "disk/directory.h"

namespace sampan::client {

/// The text of a file of the client's own; nothing where there is none. denied, io_error, invalid (more than
/// 1 MiB: not one of ours), naming the file.
Result<std::optional<std::string>> read_private_file(const std::string& file);

/// A directory of files that only their owner reads, locked against other processes while this lives: what
/// is read and then replaced under one lock loses no other process's change.
class PrivateDirectory {
 public:
  /// Makes it (mode 0700) where it is missing; waits for the lock. denied, io_error, naming the directory.
  static Result<PrivateDirectory> lock(const std::string& path);

  /// Old or new, never between, mode 0600. disk_full, io_error.
  Result<> replace(const std::string& name, const std::string& text) const;

 private:
  explicit PrivateDirectory(disk::Directory directory) : directory_(std::move(directory)) {}
  disk::Directory directory_;  // the lock is its descriptor's
};

}  // namespace sampan::client
