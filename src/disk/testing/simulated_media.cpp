#include "disk/testing/simulated_media.h"

#include <algorithm>
#include <utility>

namespace sampan::disk::testing {
namespace {

constexpr std::uint64_t block_size = 512;
constexpr std::uint32_t private_mode = 0600;
constexpr std::int64_t first_second = 1'600'000'000;

std::string_view block_of(const std::string& bytes, std::uint64_t block) {
  const std::uint64_t at = block * block_size;
  return at < bytes.size() ? std::string_view(bytes).substr(at, block_size) : std::string_view();
}

std::uint64_t blocks_of(std::uint64_t size) {
  return (size + block_size - 1) / block_size;
}

bool shares_a_name(const std::vector<SimulatedMedia::NameStep>& some,
                   const std::vector<SimulatedMedia::NameStep>& others) {
  return std::ranges::any_of(some, [&](const auto& step) {
    return std::ranges::any_of(others, [&](const auto& other) {
      return step.directory == other.directory && step.name == other.name;
    });
  });
}

}  // namespace

SimulatedMedia::SimulatedMedia() {
  make(true, 0700);
  sync_all();
}

timespec SimulatedMedia::tick() {
  ++ticks_;
  return {first_second + ticks_ / 1000, ticks_ % 1000 * 1'000'000};
}

InodeNumber SimulatedMedia::make(bool directory, std::uint32_t mode) {
  const InodeNumber number = next_inode_++;
  Stored& stored = inodes_[number];
  stored.now.directory = directory;
  stored.now.attributes = {mode, tick(), {}};
  stored.safe = stored.now;
  if (!directory) stored.safe.attributes.mode = private_mode;
  return number;
}

void SimulatedMedia::write(InodeNumber number, std::uint64_t offset, std::string_view bytes) {
  Stored& stored = inodes_.at(number);
  if (stored.now.bytes.size() < offset + bytes.size()) stored.now.bytes.resize(offset + bytes.size());
  stored.now.bytes.replace(offset, bytes.size(), bytes);
  stored.now.attributes.mtime = tick();
  for (std::uint64_t block = offset / block_size; block < blocks_of(offset + bytes.size()); ++block)
    stored.given_up.erase(block);
}

void SimulatedMedia::resize(InodeNumber number, std::uint64_t size) {
  Inode& inode = inodes_.at(number).now;
  inode.bytes.resize(size);
  inode.attributes.mtime = tick();
}

void SimulatedMedia::change_names(const std::vector<NameStep>& steps) {
  for (const NameStep& step : steps) {
    Inode& directory = inodes_.at(step.directory).now;
    directory.names.erase(step.name);
    if (step.means != 0) directory.names[step.name] = {step.means, next_cookie_++};
    directory.attributes.mtime = tick();
  }
  unsynced_.push_back(steps);
}

// Makes the chosen changes safe, and with each of them the earlier ones about the same names.
void SimulatedMedia::settle(std::set<std::size_t> chosen) {
  for (std::size_t i = unsynced_.size(); i-- > 0;) {
    const bool needed = std::ranges::any_of(chosen, [&](std::size_t later) {
      return later > i && shares_a_name(unsynced_[i], unsynced_[later]);
    });
    if (needed) chosen.insert(i);
  }
  std::vector<NameChange> left;
  for (std::size_t i = 0; i < unsynced_.size(); ++i) {
    if (!chosen.contains(i)) {
      left.push_back(std::move(unsynced_[i]));
      continue;
    }
    for (const NameStep& step : unsynced_[i]) {
      Names& names = inodes_.at(step.directory).safe.names;
      names.erase(step.name);
      if (step.means != 0) names[step.name] = {step.means, next_cookie_++};
    }
  }
  unsynced_ = std::move(left);
}

void SimulatedMedia::sync(InodeNumber number) {
  Stored& stored = inodes_.at(number);
  stored.safe.attributes = stored.now.attributes;
  if (!stored.now.directory) {
    std::mt19937_64 unused;
    stored.safe.bytes = merged(stored, {.bytes = true}, unused);
    return;
  }
  std::set<std::size_t> chosen;
  for (std::size_t i = 0; i < unsynced_.size(); ++i)
    if (std::ranges::any_of(unsynced_[i], [&](const NameStep& step) { return step.directory == number; }))
      chosen.insert(i);
  settle(std::move(chosen));
}

void SimulatedMedia::fail_sync(InodeNumber number) {
  Stored& stored = inodes_.at(number);
  const std::uint64_t size = std::max(stored.now.bytes.size(), stored.safe.bytes.size());
  for (std::uint64_t block = 0; block < blocks_of(size); ++block)
    if (block_of(stored.now.bytes, block) != block_of(stored.safe.bytes, block))
      stored.given_up.insert(block);
}

void SimulatedMedia::sync_all() {
  for (const auto& [number, stored] : inodes_) sync(number);
}

// The bytes after a cut: block by block the present ones or the safe ones.
std::string SimulatedMedia::merged(const Stored& stored, const Survival& survival,
                                   std::mt19937_64& chance) const {
  const auto survives = [&] { return survival.seed == 0 ? survival.bytes : chance() % 2 == 0; };
  std::string bytes((survives() ? stored.now : stored.safe).bytes.size(), '\0');
  for (std::uint64_t block = 0; block < blocks_of(bytes.size()); ++block) {
    const bool present = survives() && !stored.given_up.contains(block);
    const std::string_view kept = block_of((present ? stored.now : stored.safe).bytes, block);
    bytes.replace(block * block_size, std::min<std::uint64_t>(kept.size(), bytes.size() - block * block_size),
                  kept.substr(0, bytes.size() - block * block_size));
  }
  return bytes;
}

void SimulatedMedia::cut_power(const Survival& survival) {
  std::mt19937_64 chance(survival.seed);
  std::set<std::size_t> surviving;
  for (std::size_t i = 0; i < unsynced_.size(); ++i)
    if (survival.seed == 0 ? survival.names : chance() % 2 == 0) surviving.insert(i);
  settle(std::move(surviving));
  unsynced_.clear();
  for (auto& [number, stored] : inodes_) {
    const bool attributes = survival.seed == 0 ? survival.bytes : chance() % 2 == 0;
    if (!stored.now.directory) stored.safe.bytes = merged(stored, survival, chance);
    if (attributes) stored.safe.attributes = stored.now.attributes;
    stored.now = stored.safe;
    stored.given_up.clear();
  }
}

}  // namespace sampan::disk::testing
