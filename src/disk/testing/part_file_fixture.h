#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "disk/directory.h"
#include "disk/part_file.h"

namespace sampan::disk::testing {

inline constexpr std::uint32_t chunk = 1024;

/// A directory for one part, made-up bytes, and the plan to receive them in chunks of 1 KiB.
class PartFileFixture : public ::testing::Test {
 protected:
  PartFileFixture() : directory_(*Directory::open_trusted(root_.path())) {}

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
  void put(const std::string& name, const std::string& content) const {
    std::ofstream(root_.path() + "/" + name, std::ios::binary) << content;
  }
  // A part with just these chunks, dropped again.
  void receive(const std::string& bytes, const std::vector<std::uint64_t>& order) const {
    auto part = PartFile::create(directory_, "p", plan_of(bytes));
    ASSERT_TRUE(part) << part.error().message();
    for (const std::uint64_t i : order)
      ASSERT_TRUE(part->write_chunk(i, chunk_of(bytes, i), std::nullopt)) << i;
  }
  static void expect_runs_true(const PartFile& part, const std::string& bytes) {
    const auto runs = part.runs();
    ASSERT_TRUE(runs);
    std::uint64_t counted = 0;
    for (const ChunkRun& run : *runs) {
      counted += run.count;
      EXPECT_EQ(run.digest,
                digest_of(as_bytes(std::string_view(bytes).substr(run.first * chunk, run.count * chunk))));
    }
    EXPECT_EQ(counted, part.chunks_present());
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

  sampan::testing::TemporaryDirectory root_;
  Directory directory_;
};

}  // namespace sampan::disk::testing
