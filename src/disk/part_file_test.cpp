#include "disk/part_file.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <numeric>
#include <random>
#include <set>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "disk/testing/part_file_fixture.h"

namespace sampan::disk {
namespace {

using testing::chunk;

class PartFileTest : public testing::PartFileFixture {};

// While it lives, no file grows beyond `bytes`: what a full disk looks like, without one.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : ignored_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &lower);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, ignored_);
  }

 private:
  rlimit before_{};
  void (*ignored_)(int);
};

TEST_F(PartFileTest, EverySizeInEveryOrderGivesTheFile) {
  std::mt19937 random(1);
  for (const std::uint64_t size : {0U, 1U, chunk - 1, chunk, chunk + 1, 10 * chunk + 1}) {
    const std::string bytes = bytes_of(size);
    std::vector<std::uint64_t> order(plan_of(bytes).chunk_count());
    std::iota(order.begin(), order.end(), 0);
    for (int shuffle = 0; shuffle < 4; ++shuffle) {
      if (shuffle == 1) std::ranges::reverse(order);
      if (shuffle > 1) std::ranges::shuffle(order, random);
      auto part = PartFile::create(directory_, "p", plan_of(bytes));
      ASSERT_TRUE(part) << part.error().message();
      for (const std::uint64_t i : order)
        ASSERT_TRUE(part->write_chunk(i, chunk_of(bytes, i), digest_of(chunk_of(bytes, i))));
      EXPECT_EQ(*part->digest(), digest_of(as_bytes(bytes)));
      ASSERT_TRUE(part->seal(true));
      ASSERT_TRUE(part->publish(directory_, "final"));
      EXPECT_EQ(file("final"), bytes);
      EXPECT_EQ(directory_.stat("final")->mode, 0640U);
      EXPECT_EQ(directory_.stat("final")->mtime, (FileTime{1'000'000'000, 9}));
      EXPECT_EQ(PartFile::read_plan(directory_, "p").error().code(), ErrorCode::not_found);
    }
  }
}

TEST_F(PartFileTest, AWrongChunkIsRefusedAndNothingKept) {
  const std::string bytes = bytes_of(3 * chunk);
  auto part = PartFile::create(directory_, "p", plan_of(bytes));
  EXPECT_EQ(part->write_chunk(0, chunk_of(bytes, 0), digest_of({})).error().code(), ErrorCode::wrong_digest);
  EXPECT_EQ(part->write_chunk(3, chunk_of(bytes, 0), std::nullopt).error().code(), ErrorCode::invalid);
  EXPECT_EQ(part->write_chunk(UINT64_MAX, chunk_of(bytes, 0), std::nullopt).error().code(),
            ErrorCode::invalid);
  EXPECT_EQ(part->write_chunk(0, chunk_of(bytes, 0).first(5), std::nullopt).error().code(),
            ErrorCode::invalid);
  EXPECT_EQ(part->chunks_present(), 0U);
  EXPECT_EQ(part->digest().error().code(), ErrorCode::incomplete);
}

TEST_F(PartFileTest, IsTakenUpAfterEveryChunkInEveryOrder) {
  const std::string bytes = bytes_of(20 * chunk + 5);
  std::vector<std::uint64_t> order(21);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 random(7);
  for (int shuffle = 0; shuffle < 5; ++shuffle) {
    if (shuffle == 1) std::ranges::reverse(order);
    if (shuffle > 1) std::ranges::shuffle(order, random);
    receive(bytes, {});
    for (std::size_t done = 0; done < order.size(); ++done) {
      auto part = PartFile::open(directory_, "p");
      ASSERT_TRUE(part);
      ASSERT_EQ(part->chunks_present(), done);
      for (std::size_t i = 0; i < done; ++i) ASSERT_TRUE(part->has(order[i]));
      EXPECT_EQ(part->plan().tag, "t");
      ASSERT_TRUE(part->write_chunk(order[done], chunk_of(bytes, order[done]), std::nullopt));
      expect_runs_true(*part, bytes);
    }
    auto part = PartFile::open(directory_, "p");
    complete(*part, bytes);
  }
}

TEST_F(PartFileTest, RunsAreAsLongAsTheyCanBe) {
  const std::string bytes = bytes_of(30 * chunk);
  auto part = PartFile::create(directory_, "p", plan_of(bytes));
  ASSERT_TRUE(part);
  for (std::uint64_t i = 29; i >= 1; --i) ASSERT_TRUE(part->write_chunk(i, chunk_of(bytes, i), std::nullopt));
  ASSERT_TRUE(part->write_chunk(0, chunk_of(bytes, 0), std::nullopt));
  const auto runs = part->runs();
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->size(), 1U);
  EXPECT_EQ(runs->front().count, 30U);
  EXPECT_EQ(runs->front().digest, digest_of(as_bytes(bytes)));
}

TEST_F(PartFileTest, ChunksOfTheLargestSizeAreReadInPieces) {
  constexpr std::uint32_t large = 16 * 1024 * 1024;
  const std::string bytes = bytes_of(large + 300 * 1024 + 1);
  PartPlan plan = plan_of(bytes);
  plan.chunk_size = large;
  {
    auto part = PartFile::create(directory_, "p", plan);
    ASSERT_TRUE(part);
    ASSERT_TRUE(part->write_chunk(1, as_bytes(std::string_view(bytes).substr(large)), std::nullopt));
    ASSERT_TRUE(part->write_chunk(0, as_bytes(std::string_view(bytes).substr(0, large)), std::nullopt));
    EXPECT_EQ(*part->digest(), digest_of(as_bytes(bytes)));
  }
  auto part = PartFile::open(directory_, "p");
  ASSERT_TRUE(part);
  EXPECT_EQ(*part->digest(), digest_of(as_bytes(bytes)));
}

TEST_F(PartFileTest, PlansThatCannotBeAreRefused) {
  const std::string bytes = bytes_of(chunk);
  for (const std::uint32_t size : {0U, 1U, 1023U, 1025U, 16 * 1024 * 1024 + 1024U, UINT32_MAX}) {
    PartPlan plan = plan_of(bytes);
    plan.chunk_size = size;
    EXPECT_EQ(PartFile::create(directory_, "p", plan).error().code(), ErrorCode::invalid) << size;
  }
  PartPlan plan = plan_of(bytes);
  plan.size = UINT64_MAX;
  EXPECT_EQ(PartFile::create(directory_, "p", plan).error().code(), ErrorCode::invalid);
  plan = plan_of(bytes);
  plan.tag = std::string(70'000, 't');
  EXPECT_EQ(PartFile::create(directory_, "p", plan).error().code(), ErrorCode::invalid);
  for (const std::string name : {"", "../p", "a/b"}) {
    EXPECT_EQ(PartFile::create(directory_, name, plan_of(bytes)).error().code(), ErrorCode::invalid) << name;
    EXPECT_EQ(PartFile::open(directory_, name).error().code(), ErrorCode::invalid) << name;
    EXPECT_EQ(PartFile::remove(directory_, name).error().code(), ErrorCode::invalid) << name;
  }
  EXPECT_TRUE(directory_.list("", 0, 10)->entries.empty());
}

TEST_F(PartFileTest, AFullDiskIsToldBeforeAByteAndLeavesNothing) {
  const PartPlan plan = plan_of(bytes_of(64 * chunk));
  const FileSizeLimit full(32 * chunk);
  EXPECT_EQ(PartFile::create(directory_, "p", plan).error().code(), ErrorCode::disk_full);
  EXPECT_TRUE(directory_.list("", 0, 10)->entries.empty());
}

TEST_F(PartFileTest, RecoveryLeavesWholePairsOfTheirPlansLength) {
  RecordProperty("proves", "R6.6");
  const std::string bytes = bytes_of(6 * chunk);
  for (const char* name : {"whole", "short", "long", "no-part", "no-journal", "torn"}) {
    auto part = PartFile::create(directory_, name, plan_of(bytes));
    ASSERT_TRUE(part);
    ASSERT_TRUE(part->write_chunk(0, chunk_of(bytes, 0), std::nullopt));
  }
  const auto file = [&](const std::string& name) { return root_.path() + "/" + name; };
  std::filesystem::resize_file(file("short.part"), chunk);
  std::filesystem::resize_file(file("long.part"), 7 * chunk);
  std::filesystem::remove(file("no-part.part"));
  std::filesystem::remove(file("no-journal.journal"));
  std::filesystem::resize_file(file("torn.journal"), 10);
  std::ofstream(file("whole.journal.new")) << "half a journal";
  std::ofstream(file("stranger")) << "none of ours";

  ASSERT_TRUE(PartFile::recover(directory_));
  std::set<std::string> names;
  const auto page = directory_.list("", 0, 100);
  ASSERT_TRUE(page);
  for (const DirectoryEntry& entry : page->entries) names.insert(entry.name);
  EXPECT_EQ(names, (std::set<std::string>{"whole.part", "whole.journal", "short.part", "short.journal",
                                          "long.part", "long.journal", "stranger"}));
  for (const char* name : {"whole", "short", "long"}) {
    EXPECT_EQ(std::filesystem::file_size(file(std::string(name) + ".part")), bytes.size()) << name;
    EXPECT_EQ(PartFile::open(directory_, name)->chunks_present(), 1U) << name;
  }
}

TEST_F(PartFileTest, AChunkWhoseRewriteFailsIsNotThere) {
  const std::string bytes = bytes_of(6 * chunk);
  auto part = PartFile::create(directory_, "p", plan_of(bytes));
  ASSERT_TRUE(part);
  for (const std::uint64_t i : {0U, 4U}) ASSERT_TRUE(part->write_chunk(i, chunk_of(bytes, i), std::nullopt));
  {
    const FileSizeLimit full(4 * chunk + 100);
    const std::string other(chunk, 'z');
    EXPECT_EQ(part->write_chunk(4, as_bytes(other), std::nullopt).error().code(), ErrorCode::disk_full);
  }
  EXPECT_FALSE(part->has(4));
  EXPECT_TRUE(part->has(0));
  complete(*part, bytes);
}

TEST_F(PartFileTest, AChunkSentAgainReplacesTheFirstAndOnlyThat) {
  const std::string old_bytes = bytes_of(6 * chunk);
  for (const std::uint64_t again : {0U, 1U, 3U, 5U}) {
    std::string bytes = old_bytes;
    bytes[again * chunk + 3] ^= 1;
    {
      receive(old_bytes, {0, 1, 2, 3, 5});
      auto part = PartFile::open(directory_, "p");
      ASSERT_TRUE(part->write_chunk(again, chunk_of(bytes, again), std::nullopt));
      EXPECT_EQ(part->chunks_present(), 5U);
      expect_runs_true(*part, bytes);
    }
    auto part = PartFile::open(directory_, "p");
    ASSERT_TRUE(part);
    EXPECT_EQ(part->chunks_present(), 5U);
    complete(*part, bytes);
  }
}

TEST_F(PartFileTest, AChunkSentOverAndOverDoesNotFillTheDisk) {
  const std::string bytes = bytes_of(6 * chunk);
  std::uintmax_t largest = 0;
  {
    auto part = PartFile::create(directory_, "p", plan_of(bytes));
    ASSERT_TRUE(part->write_chunk(0, chunk_of(bytes, 0), std::nullopt));
    for (int i = 0; i < 2000; ++i) {
      const std::string other(chunk, static_cast<char>('a' + i % 2));
      ASSERT_TRUE(part->write_chunk(4, as_bytes(other), std::nullopt));
      largest = std::max(largest, std::filesystem::file_size(root_.path() + "/p.journal"));
    }
    ASSERT_TRUE(part->write_chunk(4, chunk_of(bytes, 4), std::nullopt));
  }
  EXPECT_LT(largest, 8U * 1024);
  auto part = PartFile::open(directory_, "p");
  EXPECT_EQ(part->chunks_present(), 2U);
  complete(*part, bytes);
}

TEST_F(PartFileTest, WhatIsForgottenIsSentAgainAlsoAfterAKill) {
  const std::string bytes = bytes_of(8 * chunk);
  // [0, 3) and 5, 6 are there: forgotten from within the prefix, at its end, in the gap, between and beyond
  // the others.
  const std::vector<std::uint64_t> kept_of = {0, 1, 2, 3, 3, 3, 4, 5, 5};
  for (std::uint64_t first = 0; first <= 8; ++first) {
    receive(bytes, {0, 1, 2, 5, 6});
    {
      auto part = PartFile::open(directory_, "p");
      ASSERT_TRUE(part->forget_from(first));
      EXPECT_EQ(part->chunks_present(), kept_of[first]) << first;
      expect_runs_true(*part, bytes);
    }
    auto part = PartFile::open(directory_, "p");
    ASSERT_TRUE(part);
    EXPECT_EQ(part->chunks_present(), kept_of[first]) << first;
    for (std::uint64_t i = first; i < 8; ++i) EXPECT_FALSE(part->has(i));
    complete(*part, bytes);
  }
}

TEST_F(PartFileTest, LookingAtAPartDoesNotMakeItYounger) {
  receive(bytes_of(6 * chunk), {0, 1, 4, 2, 3});
  ASSERT_TRUE(directory_.set_times("p.journal", {1'000'000'000, 0}));
  ASSERT_TRUE(PartFile::open(directory_, "p"));
  EXPECT_EQ(directory_.stat("p.journal")->mtime, (FileTime{1'000'000'000, 0}));
}

TEST_F(PartFileTest, ADirectoryIsNotReplaced) {
  const std::string bytes = bytes_of(chunk);
  auto part = PartFile::create(directory_, "p", plan_of(bytes));
  complete(*part, bytes);
  ASSERT_TRUE(directory_.make_directory("d"));
  ASSERT_TRUE(part->seal(false));
  EXPECT_EQ(part->publish(directory_, "d").error().code(), ErrorCode::is_a_directory);
  EXPECT_TRUE(part->publish(directory_, "d/file"));
  EXPECT_EQ(file("d/file"), bytes);
  EXPECT_FALSE(directory_.link_stat("p.journal"));
}

TEST_F(PartFileTest, OnesOwnSuccessorIsLeftAlone) {
  const std::string bytes = bytes_of(4 * chunk);
  auto older = PartFile::create(directory_, "p", plan_of(bytes));
  complete(*older, bytes);
  auto newer = PartFile::create(directory_, "p", plan_of(bytes));
  ASSERT_TRUE(newer->write_chunk(0, chunk_of(bytes, 0), std::nullopt));
  EXPECT_EQ(older->publish(directory_, "final").error().code(), ErrorCode::superseded);
  EXPECT_EQ(older->forget_from(1).error().code(), ErrorCode::superseded);
  EXPECT_TRUE(older->discard());
  EXPECT_FALSE(directory_.link_stat("final"));
  complete(*newer, bytes);
  EXPECT_TRUE(newer->publish(directory_, "final"));
}

TEST_F(PartFileTest, ASealedPartIsTakenUpByItsOwnerWhateverItsMode) {
  constexpr uid_t nobody = 65534;
  const bool root = geteuid() == 0;
  if (root) {
    ASSERT_EQ(chown(root_.path().c_str(), nobody, nobody), 0);
    ASSERT_EQ(seteuid(nobody), 0);  // root may write anything, which would prove nothing
  }
  const std::string bytes = bytes_of(3 * chunk);
  {
    auto part = PartFile::create(directory_, "p", plan_of(bytes));
    complete(*part, bytes);
    part->set_attributes({1'000'000'000, 0}, 0444);
    EXPECT_TRUE(part->seal(true));
  }
  {
    auto part = PartFile::open(directory_, "p");
    EXPECT_TRUE(part) << part.error().message();
    EXPECT_TRUE(part && part->chunks_present() == 3);
  }
  ASSERT_EQ(root ? seteuid(0) : 0, 0);
}

TEST_F(PartFileTest, DiscardLeavesNothing) {
  auto part = PartFile::create(directory_, "p", plan_of(bytes_of(2 * chunk)));
  ASSERT_TRUE(part->discard());
  EXPECT_TRUE(directory_.list("", 0, 10)->entries.empty());
}

}  // namespace
}  // namespace sampan::disk
