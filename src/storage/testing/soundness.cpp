#include "storage/testing/soundness.h"

#include <optional>
#include <set>

#include <gtest/gtest.h>

namespace sampan::storage::testing {
namespace {

using Node = disk::testing::SimulatedDisk::Node;

constexpr std::uint32_t private_mode = 0700;
constexpr std::size_t descriptors_of_a_home = 4;  // of all homes two, of one home two

std::optional<Node> node_at(const SimulatedHomes::Tree& tree, const std::string& path) {
  const auto found = tree.find(path);
  return found == tree.end() ? std::nullopt : std::optional(found->second);
}

// Attributes change one after the other, each of them at once.
bool is_mixed(const Node& node, const Node& old, const Node& fresh) {
  return node.directory == old.directory && node.directory == fresh.directory &&
         (node.bytes == old.bytes || node.bytes == fresh.bytes) &&
         (node.mode == old.mode || node.mode == fresh.mode) &&
         (node.mtime == old.mtime || node.mtime == fresh.mtime);
}

}  // namespace

void expect_old_or_new(const SimulatedHomes::Tree& now, const SimulatedHomes::Tree& before,
                       const SimulatedHomes::Tree& after) {
  std::set<std::string> paths;
  for (const auto* tree : {&now, &before, &after})
    for (const auto& [path, node] : *tree) paths.insert(path);
  for (const std::string& path : paths) {
    const auto node = node_at(now, path);
    const auto old = node_at(before, path);
    const auto fresh = node_at(after, path);
    if (node == old || node == fresh) continue;
    if (node && node->directory && fresh && fresh->directory && node->mode == private_mode) continue;
    if (node && old && fresh && old->bytes == fresh->bytes && is_mixed(*node, *old, *fresh)) continue;
    ADD_FAILURE() << path << " is neither the old nor the new one: "
                  << (node ? std::to_string(node->bytes.size()) + " bytes, mode " + std::to_string(node->mode)
                           : "gone");
  }
}

void expect_no_litter(const SimulatedHomes& world) {
  for (const auto& [name, node] : world.staging())
    EXPECT_TRUE(name.ends_with(disk::part_suffix) || name.ends_with(disk::journal_suffix)) << name;
}

std::size_t parts_in(const SimulatedHomes::Tree& staging) {
  std::size_t count = 0;
  for (const auto& [name, node] : staging) count += name.ends_with(disk::part_suffix) ? 1 : 0;
  return count;
}

void expect_sound(SimulatedHomes& world) {
  world.let_go();
  const Usage used = world.home().used();
  const Usage on_disk = world.on_disk();
  EXPECT_EQ(used.bytes, on_disk.bytes) << "the ledger and the disk";
  EXPECT_EQ(used.files, on_disk.files) << "the ledger and the disk";
  for (const auto& [path, node] : world.tree()) {
    if (node.directory) continue;
    const auto digest = world.digest(path);
    EXPECT_TRUE(digest && *digest == digest_of(as_bytes(node.bytes))) << "the digest of " << path;
  }
  EXPECT_EQ(world.disk().open_descriptors(), descriptors_of_a_home);
}

}  // namespace sampan::storage::testing
