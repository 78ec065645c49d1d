#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "storage/usage.h"
#include "storage/virtual_path.h"

namespace sampan::storage {

/// What a user may keep. None: no limit.
struct QuotaLimits {
  std::optional<std::uint64_t> bytes;
  std::optional<std::uint64_t> files;
  bool operator==(const QuotaLimits&) const = default;
};

/// One user's account of room: what is stored and what is promised to uploads on their way, together. Every
/// decision is one critical section, so a quota is exact under any concurrency: the sum never passes the
/// limit, and what fits is never refused.
///
/// Replacing a file needs room for the new one beside the old one, since both are on the disk until the
/// rename. Lowering a limit below what is used destroys nothing: what was promised is kept, and nothing new
/// is taken in, not even an empty file, until enough has been removed. Thread-safe.
class QuotaLedger {
 public:
  explicit QuotaLedger(Usage used) : used_(used) {}

  void set_limits(const QuotaLimits& limits);
  QuotaLimits limits() const;
  Usage used() const;

  /// over_quota or too_many_files (with the figures) and nothing changed; else it is taken.
  Result<> take(Usage amount);
  /// Gives back what was taken, or what has been deleted.
  void give_back(Usage amount);

  // Room that is promised to an upload by the path it will get, for as long as anything of it may be on the
  // disk. One per path.

  /// As take(). Not where there is a promise already.
  Result<> promise(const VirtualPath& path, Usage amount);
  /// For an upload that an earlier process began: whatever the limits are.
  void adopt(const VirtualPath& path, Usage amount);
  bool has_promised(const VirtualPath& path) const;
  std::vector<VirtualPath> promised() const;
  /// The upload has become a file: what was promised is stored.
  void fulfil(const VirtualPath& path);
  /// Nothing is left of the upload: its room goes back. Nothing happens where there was no promise.
  void withdraw(const VirtualPath& path);

 private:
  Result<> take_locked(Usage amount);
  void give_back_locked(Usage amount);

  mutable std::mutex mutex_;
  Usage used_;  // guarded by mutex_, like all below; promises included
  QuotaLimits limits_;
  std::map<VirtualPath, Usage> promises_;
};

/// Room that goes back unless it is kept: for the steps of an operation that may fail.
class Reservation {
 public:
  static Result<Reservation> take(QuotaLedger& ledger, Usage amount);
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&&) = delete;
  ~Reservation();
  /// From now on it counts as stored (or is somebody else's to give back).
  void keep() { ledger_ = nullptr; }

 private:
  Reservation(QuotaLedger& ledger, Usage amount) : ledger_(&ledger), amount_(amount) {}
  QuotaLedger* ledger_;
  Usage amount_;
};

}  // namespace sampan::storage
