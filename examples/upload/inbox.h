#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "disk/directory.h"

/// What the lessons that receive files have in common.
namespace sampan::upload {

/// A file on its way in. Nobody sees it under its name before commit(); dropped, nothing of it is left. It
/// may block: for a BlockingPool's threads.
class Arrival {
 public:
  Arrival(Arrival&& other) noexcept;
  Arrival& operator=(Arrival&&) = delete;
  ~Arrival();

  std::uint64_t left() const { return size_ - written_; }
  /// At most left() bytes. disk_full, io_error.
  Result<> write(ByteView bytes);
  /// All bytes are here: to the disk, then under its name, replacing what stood there. incomplete,
  /// is_a_directory, io_error.
  Result<> commit();

 private:
  friend class Inbox;
  Arrival(const disk::Directory& directory, std::string name, std::string staged, UniqueFd fd,
          std::uint64_t size);
  const disk::Directory* directory_;  // none once there is nothing to be removed any more
  std::string name_;
  std::string staged_;
  UniqueFd fd_;
  std::uint64_t size_;
  std::uint64_t written_ = 0;
};

/// A folder that strangers may put files into: into it, by a plain name, and nowhere else.
class Inbox {
 public:
  static constexpr std::uint64_t size_max = std::uint64_t{4} << 30;

  /// Makes the folder if it is not there, and removes what a server that was killed left unfinished in it.
  static Result<Inbox> open(const std::string& path);

  /// Takes room on the disk for `size` bytes. invalid: a name that is not one plain name of 1 to 255 bytes,
  /// or a size above size_max; is_a_directory, disk_full. The inbox outlives the arrival.
  Result<Arrival> expect(const std::string& name, std::uint64_t size) const;

 private:
  explicit Inbox(disk::Directory directory) : directory_(std::move(directory)) {}
  disk::Directory directory_;
};

}  // namespace sampan::upload
