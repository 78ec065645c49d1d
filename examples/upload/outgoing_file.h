#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>

#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace sampan::upload {

/// A local file that is being sent: as long as it was when it was opened, or not at all.
class OutgoingFile {
 public:
  /// not_found, denied, is_a_directory, not_a_file.
  static Result<OutgoingFile> open(const std::string& path);

  /// The last component of the path: all that a server needs to know of it.
  const std::string& name() const { return name_; }
  std::uint64_t size() const { return static_cast<std::uint64_t>(status_.st_size); }
  std::uint64_t left() const { return size() - sent_; }

  /// The next bytes, at least one while any are left. Before the last ones are given away: changed, where the
  /// file is not the one that was opened any more.
  Result<ByteView> read(ByteSpan room);

 private:
  OutgoingFile(UniqueFd fd, std::string name, const struct stat& status)
      : fd_(std::move(fd)), name_(std::move(name)), status_(status) {}
  UniqueFd fd_;
  std::string name_;
  struct stat status_;
  std::uint64_t sent_ = 0;
};

}  // namespace sampan::upload
