#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <time.h>

namespace sampan::disk::testing {

using InodeNumber = std::uint64_t;

/// What happens to the things that nothing had synced when the power goes. What was synced always survives.
struct Survival {
  bool names = false;      ///< directory entries that no directory sync covered
  bool bytes = false;      ///< contents, sizes and attributes that no file sync covered
  std::uint64_t seed = 0;  ///< not 0: instead, each of them by chance, block by block and name by name
};

/// The bits of a file system and which of them are safe. The promises are those of POSIX and no more: a
/// file's contents and attributes are durable as they were at its last fsync, a directory's entries as they
/// were at the directory's, and a rename is one step: durable in both of its directories or in neither, once
/// either is synced. A file whose fsync failed has lost what it had not written, as on Linux: a later fsync
/// succeeds without it.
class SimulatedMedia {
 public:
  static constexpr InodeNumber root = 1;

  struct Link {
    InodeNumber inode = 0;
    std::int64_t cookie = 0;  ///< orders a directory, whatever comes and goes
  };
  using Names = std::map<std::string, Link>;

  struct Attributes {
    std::uint32_t mode = 0;
    timespec mtime{};
    std::map<std::string, std::string> extended;
  };

  struct Inode {
    bool directory = false;
    std::string bytes;
    Attributes attributes;
    Names names;
  };

  /// One entry of a directory: what the name shall mean, 0 for nothing.
  struct NameStep {
    InodeNumber directory = 0;
    std::string name;
    InodeNumber means = 0;
  };

  SimulatedMedia();

  const Inode& inode(InodeNumber number) const { return inodes_.at(number).now; }
  /// For attributes; bytes and names change through the functions below.
  Attributes& attributes(InodeNumber number) { return inodes_.at(number).now.attributes; }

  /// A file or directory without a name as yet.
  InodeNumber make(bool directory, std::uint32_t mode);
  void write(InodeNumber number, std::uint64_t offset, std::string_view bytes);
  void resize(InodeNumber number, std::uint64_t size);
  /// All steps at once, or none where a power cut undoes them.
  void change_names(const std::vector<NameStep>& steps);
  timespec tick();

  void sync(InodeNumber number);
  /// An fsync that told the caller of an error: what it had to write is given up.
  void fail_sync(InodeNumber number);
  void sync_all();
  void cut_power(const Survival& survival);

 private:
  struct Stored {
    Inode now;
    Inode safe;
    std::set<std::uint64_t> given_up;  // blocks that look written and are not
  };
  using NameChange = std::vector<NameStep>;

  void settle(std::set<std::size_t> chosen);
  std::string merged(const Stored& stored, const Survival& survival, std::mt19937_64& chance) const;

  std::map<InodeNumber, Stored> inodes_;
  std::vector<NameChange> unsynced_;  // oldest first
  InodeNumber next_inode_ = root;
  std::int64_t next_cookie_ = 1;
  std::int64_t ticks_ = 0;
};

}  // namespace sampan::disk::testing
