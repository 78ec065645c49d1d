#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "disk/testing/simulated_disk.h"
#include "storage/homes.h"

namespace sampan::storage::testing {

/// alice's home on a simulated disk, and what she does there: each act stops at its first failure and tells
/// it. Copies are machines of their own, freshly started.
class SimulatedHomes {
 public:
  using Tree = std::map<std::string, disk::testing::SimulatedDisk::Node>;
  /// What uploads are cut into here: small, as much is done over and over.
  static constexpr std::uint32_t chunk = 1024;

  SimulatedHomes();
  SimulatedHomes(const SimulatedHomes& other);
  /// Where the power of `other` was cut.
  SimulatedHomes(const SimulatedHomes& other, const disk::testing::Survival& survival);
  SimulatedHomes& operator=(const SimulatedHomes&) = delete;
  ~SimulatedHomes() = default;

  /// The server ends without a word and starts again; where it cannot start, all is as it was.
  Result<> restart();
  disk::testing::SimulatedDisk& disk() { return disk_; }
  Home& home() { return *home_; }
  Homes& homes() { return *homes_; }

  Result<> put(const std::vector<std::pair<std::string, std::string>>& files);
  /// Begins, or takes up what is there; sends what is missing, in this order of chunks; commits.
  Result<> upload(const std::string& path, const std::string& bytes,
                  const std::vector<std::uint64_t>& order) {
    return upload(path, bytes, order, digest_of(as_bytes(bytes)));
  }
  Result<> upload(const std::string& path, const std::string& bytes, const std::vector<std::uint64_t>& order,
                  const Digest& digest);
  /// Begins and sends only these chunks, whether they are there or not; then holds the upload, or lets it go.
  Result<> send(const std::string& path, const std::string& bytes, const std::vector<std::uint64_t>& indices,
                bool hold = false);
  Result<> make_directory(const std::string& path, bool parents);
  /// In one call; the first failure of any.
  Result<> make_directories(const std::vector<std::string>& paths);
  Result<> remove_file(const std::string& path);
  Result<> remove_directory(const std::string& path);
  Result<> rename(const std::string& from, const std::string& to, bool replace);
  Result<> set(const std::string& path, std::optional<FileTime> mtime, std::optional<std::uint32_t> mode);
  Result<> abort(const std::string& path);
  /// Everything that nobody holds is too old.
  Result<> expire();
  Result<Digest> digest(const std::string& path);
  Result<> purge();
  void let_go() { held_.reset(); }

  /// What an administrator sees in the home, and where uploads wait.
  Tree tree() const { return disk_.tree("homes/alice"); }
  Tree staging() const { return disk_.tree("staging/alice"); }
  /// The truth about what she keeps: her files and, for uploads, the room that their parts take or are to
  /// take.
  Usage on_disk() const;

  static std::string bytes_of(std::size_t size, char first = 'a');
  static VirtualPath path_of(const std::string& text) { return *VirtualPath::parse(text); }

 private:
  disk::testing::SimulatedDisk disk_;
  disk::testing::MountedDisk mounted_;
  std::unique_ptr<Homes> homes_;
  std::shared_ptr<Home> home_;
  std::shared_ptr<Upload> held_;
};

}  // namespace sampan::storage::testing
