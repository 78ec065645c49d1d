#include "storage/quota_ledger.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sampan::storage {
namespace {

// Never `used + needed > limit`: that sum can wrap where a peer chose `needed`. Above the limit not even
// nothing fits.
bool fits(std::uint64_t used, std::uint64_t needed, const std::optional<std::uint64_t>& limit) {
  const std::uint64_t ceiling = limit.value_or(INT64_MAX);
  return used <= ceiling && needed <= ceiling - used;
}

}  // namespace

void QuotaLedger::set_limits(const QuotaLimits& limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
}

QuotaLimits QuotaLedger::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

Usage QuotaLedger::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

Result<> QuotaLedger::take(Usage amount) {
  const std::lock_guard lock(mutex_);
  return take_locked(amount);
}

void QuotaLedger::give_back(Usage amount) {
  const std::lock_guard lock(mutex_);
  give_back_locked(amount);
}

Result<> QuotaLedger::promise(const VirtualPath& path, Usage amount) {
  const std::lock_guard lock(mutex_);
  assert(!promises_.contains(path));
  if (auto taken = take_locked(amount); !taken) return taken;
  promises_.emplace(path, amount);
  return {};
}

void QuotaLedger::adopt(const VirtualPath& path, Usage amount) {
  const std::lock_guard lock(mutex_);
  if (!promises_.emplace(path, amount).second) return;
  used_.bytes += amount.bytes;
  used_.files += amount.files;
}

bool QuotaLedger::has_promised(const VirtualPath& path) const {
  const std::lock_guard lock(mutex_);
  return promises_.contains(path);
}

std::vector<VirtualPath> QuotaLedger::promised() const {
  const std::lock_guard lock(mutex_);
  std::vector<VirtualPath> paths;
  for (const auto& [path, amount] : promises_) paths.push_back(path);
  return paths;
}

void QuotaLedger::fulfil(const VirtualPath& path) {
  const std::lock_guard lock(mutex_);
  promises_.erase(path);
}

void QuotaLedger::withdraw(const VirtualPath& path) {
  const std::lock_guard lock(mutex_);
  const auto found = promises_.find(path);
  if (found == promises_.end()) return;
  give_back_locked(found->second);
  promises_.erase(found);
}

Result<> QuotaLedger::take_locked(Usage amount) {
  if (!fits(used_.bytes, amount.bytes, limits_.bytes))
    return fail(
        Error(ErrorCode::over_quota, Room{amount.bytes, used_.bytes, limits_.bytes.value_or(INT64_MAX)}));
  if (!fits(used_.files, amount.files, limits_.files))
    return fail(
        Error(ErrorCode::too_many_files, Room{amount.files, used_.files, limits_.files.value_or(INT64_MAX)}));
  used_.bytes += amount.bytes;
  used_.files += amount.files;
  return {};
}

void QuotaLedger::give_back_locked(Usage amount) {
  // An administrator may have deleted behind our back; the next count at start puts it right.
  used_.bytes -= std::min(used_.bytes, amount.bytes);
  used_.files -= std::min(used_.files, amount.files);
}

Result<Reservation> Reservation::take(QuotaLedger& ledger, Usage amount) {
  if (auto taken = ledger.take(amount); !taken) return fail(taken.error());
  return Reservation(ledger, amount);
}

Reservation::Reservation(Reservation&& other) noexcept
    : ledger_(std::exchange(other.ledger_, nullptr)), amount_(other.amount_) {}

Reservation::~Reservation() {
  if (ledger_ != nullptr) ledger_->give_back(amount_);
}

}  // namespace sampan::storage
