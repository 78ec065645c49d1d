#include "client/hash_ahead.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"

namespace sampan::client {
namespace {

constexpr std::uint64_t kib = 1024;

std::string bytes_of(std::uint64_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24U);
  return bytes;
}

class HashAheadTest : public ::testing::Test {
 protected:
  Source source_of(const std::string& bytes) const {
    std::ofstream(file_, std::ios::trunc) << bytes;
    auto source = open_source(file_);
    EXPECT_TRUE(source);
    return std::move(*source);
  }

  testing::TemporaryDirectory temporary_;
  const std::string file_ = temporary_.path() + "/file";
};

TEST_F(HashAheadTest, GoesBackToAnyBeginningAtLittleCost) {
  const std::string bytes = bytes_of(40 * kib * kib + 777);
  const Source source = source_of(bytes);
  HashAhead ahead(source);
  while (ahead.step()) continue;
  for (std::uint64_t count = 0; count <= bytes.size(); count += 300 * kib + 1) {
    Hasher hasher = ahead.longest(count);
    ASSERT_LE(hasher.count(), count);
    EXPECT_LE(count - hasher.count(), bytes.size() / 32 + 256 * kib) << count;
    EXPECT_EQ(hasher.digest(), digest_of(as_bytes(bytes).first(hasher.count()))) << count;
  }
  EXPECT_EQ(ahead.longest(bytes.size()).digest(), digest_of(as_bytes(bytes)));
}

TEST_F(HashAheadTest, WhatWasNotReachedIsLeftToTheCaller) {
  const Source source = source_of(bytes_of(1000 * kib));
  HashAhead ahead(source);
  EXPECT_EQ(ahead.longest(1000 * kib).count(), 0U);
  EXPECT_TRUE(ahead.step());
  EXPECT_EQ(ahead.longest(1000 * kib).count(), 256 * kib);
  EXPECT_EQ(ahead.longest(255 * kib).count(), 0U);
}

TEST_F(HashAheadTest, AnEmptyOrShortenedSourceHasNoNextPiece) {
  const Source empty = source_of("");
  EXPECT_FALSE(HashAhead(empty).step());
  const Source shortened = source_of(bytes_of(300 * kib));
  HashAhead ahead(shortened);
  EXPECT_TRUE(ahead.step());
  std::ofstream(file_, std::ios::trunc) << "less";
  EXPECT_FALSE(ahead.step());
  EXPECT_EQ(ahead.longest(300 * kib).count(), 256 * kib);
}

}  // namespace
}  // namespace sampan::client
