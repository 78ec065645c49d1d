#include "disk/testing/simulated_media.h"

#include <gtest/gtest.h>

namespace sampan::disk::testing {
namespace {

constexpr InodeNumber root = SimulatedMedia::root;
constexpr Survival nothing;
constexpr Survival everything = {.names = true, .bytes = true};

class SimulatedMediaTest : public ::testing::Test {
 protected:
  InodeNumber add(const std::string& name, bool directory = false, InodeNumber in = root) {
    const InodeNumber number = media_.make(directory, directory ? 0700 : 0600);
    media_.change_names({{in, name, number}});
    return number;
  }
  bool has(const std::string& name, InodeNumber in = root) const {
    return media_.inode(in).names.contains(name);
  }

  SimulatedMedia media_;
};

TEST_F(SimulatedMediaTest, WhatNothingSyncedIsGone) {
  add("a");
  media_.cut_power(nothing);
  EXPECT_FALSE(has("a"));
}

TEST_F(SimulatedMediaTest, ItMayHappenToSurvive) {
  media_.write(add("a"), 0, "bytes");
  media_.cut_power(everything);
  ASSERT_TRUE(has("a"));
  EXPECT_EQ(media_.inode(media_.inode(root).names.at("a").inode).bytes, "bytes");
}

TEST_F(SimulatedMediaTest, ASyncedNameWithoutSyncedBytesIsAnEmptyFile) {
  const InodeNumber a = add("a");
  media_.write(a, 0, "bytes");
  media_.sync(root);
  media_.cut_power(nothing);
  ASSERT_TRUE(has("a"));
  EXPECT_EQ(media_.inode(a).bytes, "");
}

TEST_F(SimulatedMediaTest, SyncedBytesWithoutASyncedNameAreGone) {
  media_.sync(add("a"));
  media_.cut_power(nothing);
  EXPECT_FALSE(has("a"));
}

TEST_F(SimulatedMediaTest, BytesAreThoseOfTheLastSync) {
  const InodeNumber a = add("a");
  media_.write(a, 0, "first");
  media_.sync(a);
  media_.sync(root);
  media_.write(a, 0, "other and longer");
  media_.cut_power(nothing);
  EXPECT_EQ(media_.inode(a).bytes, "first");
}

TEST_F(SimulatedMediaTest, ARenameIsInBothDirectoriesOrInNeither) {
  const InodeNumber from = add("from", true);
  const InodeNumber to = add("to", true);
  const InodeNumber file = add("x", false, from);
  media_.sync_all();
  media_.change_names({{from, "x", 0}, {to, "y", file}});
  SimulatedMedia unsynced = media_;
  unsynced.cut_power(nothing);
  EXPECT_TRUE(unsynced.inode(from).names.contains("x"));
  EXPECT_FALSE(unsynced.inode(to).names.contains("y"));
  media_.sync(to);
  media_.cut_power(nothing);
  EXPECT_FALSE(has("x", from));
  EXPECT_TRUE(has("y", to));
}

TEST_F(SimulatedMediaTest, AnEarlierChangeOfTheSameNameDoesNotComeBackAfterTheLaterOne) {
  const InodeNumber from = add("from", true);
  const InodeNumber to = add("to", true);
  media_.sync_all();
  const InodeNumber file = add("x", false, from);
  media_.change_names({{from, "x", 0}, {to, "y", file}});
  media_.sync(to);
  media_.sync(from);
  media_.cut_power(nothing);
  EXPECT_FALSE(has("x", from));
  EXPECT_TRUE(has("y", to));
}

TEST_F(SimulatedMediaTest, AFailedSyncGivesUpWhatItHadToWrite) {
  const InodeNumber a = add("a");
  media_.write(a, 0, "lost");
  media_.fail_sync(a);
  EXPECT_EQ(media_.inode(a).bytes, "lost");  // as a reader sees it, out of the cache
  media_.sync(a);
  media_.sync(root);
  SimulatedMedia written_again = media_;
  media_.cut_power(everything);
  EXPECT_EQ(media_.inode(a).bytes, std::string(4, '\0'));
  written_again.write(a, 0, "kept");
  written_again.sync(a);
  written_again.cut_power(nothing);
  EXPECT_EQ(written_again.inode(a).bytes, "kept");
}

TEST_F(SimulatedMediaTest, ChanceIsReplayable) {
  const InodeNumber a = add("a");
  media_.sync_all();
  media_.write(a, 0, std::string(64 * 512, 'x'));
  SimulatedMedia again = media_;
  media_.cut_power({.seed = 7});
  again.cut_power({.seed = 7});
  EXPECT_EQ(media_.inode(a).bytes, again.inode(a).bytes);
}

}  // namespace
}  // namespace sampan::disk::testing
