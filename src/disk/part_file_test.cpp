#include "disk/part_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "disk/read_at.h"

namespace sampan::disk {
namespace {

constexpr std::uint32_t chunk = 1024;

class PartFileTest : public ::testing::Test {
 protected:
  PartFileTest() : directory_(*Directory::open_trusted(root_.path())) {}

  static std::string bytes_of(std::uint64_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>((i * 31 + i / 1024) % 253);
    return bytes;
  }
  static PartPlan plan_of(const std::string& bytes) {
    return {.target = "/final",
            .size = bytes.size(),
            .chunk_size = chunk,
            .mtime = {1'000'000'000, 9},
            .mode = 0640,
            .tag = "t"};
  }
  static ByteView chunk_of(const std::string& bytes, std::uint64_t index) {
    return as_bytes(std::string_view(bytes).substr(index * chunk, chunk));
  }
  std::string file(const std::string& name) const {
    std::ifstream from(root_.path() + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
  }
  // Sends whatever is missing, then expects the file to be whole.
  void complete(PartFile& part, const std::string& bytes) const {
    for (std::uint64_t i = 0; i < part.plan().chunk_count(); ++i) {
      if (part.has(i)) continue;
      ASSERT_TRUE(part.write_chunk(i, chunk_of(bytes, i), std::nullopt)) << i;
    }
    const auto digest = part.digest();
    ASSERT_TRUE(digest) << digest.error().message();
    EXPECT_EQ(*digest, digest_of(as_bytes(bytes)));
  }

  testing::TemporaryDirectory root_;
  Directory directory_;
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

TEST_F(PartFileTest, IsTakenUpAfterEveryChunk) {
  const std::string bytes = bytes_of(8 * chunk + 5);
  std::vector<std::uint64_t> order = {0, 1, 5, 3, 2, 8, 4, 7, 6};
  ASSERT_TRUE(PartFile::create(directory_, "p", plan_of(bytes)));
  for (std::size_t done = 0; done < order.size(); ++done) {
    auto part = PartFile::open(directory_, "p");
    ASSERT_TRUE(part);
    EXPECT_EQ(part->chunks_present(), done);
    EXPECT_EQ(part->plan().tag, "t");
    ASSERT_TRUE(part->write_chunk(order[done], chunk_of(bytes, order[done]), std::nullopt));
    const auto runs = part->runs();
    ASSERT_TRUE(runs);
    for (const ChunkRun& run : *runs)
      EXPECT_EQ(run.digest,
                digest_of(as_bytes(std::string_view(bytes).substr(run.first * chunk, run.count * chunk))));
  }
  auto part = PartFile::open(directory_, "p");
  complete(*part, bytes);
}

TEST_F(PartFileTest, ATornJournalNeverClaimsWhatIsNotThere) {
  const std::string bytes = bytes_of(6 * chunk);
  {
    auto part = PartFile::create(directory_, "p", plan_of(bytes));
    for (const std::uint64_t i : {0U, 1U, 4U, 2U})
      ASSERT_TRUE(part->write_chunk(i, chunk_of(bytes, i), std::nullopt));
  }
  const std::string journal = file("p.journal");
  for (std::size_t length = 0; length <= journal.size(); ++length) {
    std::ofstream(root_.path() + "/p.journal", std::ios::binary) << journal.substr(0, length);
    auto part = PartFile::open(directory_, "p");
    if (!part) {
      EXPECT_EQ(part.error().code(), ErrorCode::not_found);
      continue;
    }
    complete(*part, bytes);
  }
}

TEST_F(PartFileTest, AFlippedBitAnywhereIsFoundAndMended) {
  const std::string bytes = bytes_of(6 * chunk);
  for (std::size_t at = 100; at < 5 * chunk; at += 511) {
    {
      auto part = PartFile::create(directory_, "p", plan_of(bytes));
      for (const std::uint64_t i : {0U, 1U, 2U, 4U})
        ASSERT_TRUE(part->write_chunk(i, chunk_of(bytes, i), std::nullopt));
      const std::string flipped(1, static_cast<char>(bytes[at] ^ 1));
      ASSERT_TRUE(write_at(part->fd(), as_bytes(flipped), at));
    }
    auto part = PartFile::open(directory_, "p");
    ASSERT_TRUE(part);
    EXPECT_FALSE(part->has(at / chunk));
    complete(*part, bytes);
  }
}

TEST_F(PartFileTest, AFlippedBitInTheJournalIsFoundToo) {
  const std::string bytes = bytes_of(3 * chunk);
  {
    auto part = PartFile::create(directory_, "p", plan_of(bytes));
    for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(part->write_chunk(i, chunk_of(bytes, i), std::nullopt));
  }
  const std::string journal = file("p.journal");
  for (std::size_t at = 0; at < journal.size(); ++at) {
    std::string damaged = journal;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    std::ofstream(root_.path() + "/p.journal", std::ios::binary) << damaged;
    auto part = PartFile::open(directory_, "p");
    if (part) complete(*part, bytes);
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

TEST_F(PartFileTest, AChunkSentAgainReplacesTheFirst) {
  const std::string old_bytes = bytes_of(4 * chunk);
  std::string bytes = old_bytes;
  bytes[chunk + 3] = 'x';
  auto part = PartFile::create(directory_, "p", plan_of(bytes));
  for (const std::uint64_t i : {0U, 1U, 2U, 3U})
    ASSERT_TRUE(part->write_chunk(i, chunk_of(old_bytes, i), std::nullopt));
  ASSERT_TRUE(part->write_chunk(1, chunk_of(bytes, 1), std::nullopt));
  complete(*part, bytes);
}

TEST_F(PartFileTest, WhatIsForgottenIsSentAgainAlsoAfterAKill) {
  const std::string bytes = bytes_of(5 * chunk);
  {
    auto part = PartFile::create(directory_, "p", plan_of(bytes));
    for (std::uint64_t i = 0; i < 5; ++i) ASSERT_TRUE(part->write_chunk(i, chunk_of(bytes, i), std::nullopt));
    ASSERT_TRUE(part->forget_from(2));
    EXPECT_EQ(part->chunks_present(), 2U);
    ASSERT_TRUE(part->write_chunk(2, chunk_of(bytes, 2), std::nullopt));
  }
  auto part = PartFile::open(directory_, "p");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->chunks_present(), 3U);
  complete(*part, bytes);
}

TEST_F(PartFileTest, DiscardLeavesNothing) {
  auto part = PartFile::create(directory_, "p", plan_of(bytes_of(2 * chunk)));
  ASSERT_TRUE(part->discard());
  EXPECT_TRUE(directory_.list("", 0, 10)->entries.empty());
}

}  // namespace
}  // namespace sampan::disk
