#include "base/digest.h"

#include <string>

#include <gtest/gtest.h>

namespace sampan {
namespace {

// Values of the BLAKE3 reference implementation (test_vectors.json: input byte i is i % 251).
std::string vector_input(std::size_t size) {
  std::string input(size, '\0');
  for (std::size_t i = 0; i < size; ++i) input[i] = static_cast<char>(i % 251);
  return input;
}

TEST(Digest, MatchesTheReferenceVectors) {
  EXPECT_EQ(digest_of({}).hex(), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
  EXPECT_EQ(digest_of(as_bytes(vector_input(1))).hex(),
            "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213");
  EXPECT_EQ(digest_of(as_bytes(vector_input(1025))).hex(),
            "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444");
}

TEST(Digest, TextIsReadBackAndNothingElseIs) {
  const Digest digest = digest_of(as_bytes("sampan"));
  EXPECT_EQ(Digest::parse(digest.text()), digest);
  EXPECT_EQ(Digest::parse(digest.hex()), std::nullopt);
  EXPECT_EQ(Digest::parse("sha256:" + digest.hex()), std::nullopt);
  EXPECT_EQ(Digest::parse(digest.text() + "00"), std::nullopt);
  EXPECT_EQ(Digest::parse("blake3:xyz"), std::nullopt);
}

TEST(Hasher, PiecesGiveTheSameAsTheWholeAndACopyIsThePrefix) {
  const std::string input = vector_input(100'000);
  Hasher hasher;
  for (std::size_t at = 0; at < input.size(); at += 7'919) {
    hasher.update(as_bytes(std::string_view(input).substr(at, 7'919)));
    const Hasher prefix = hasher;
    EXPECT_EQ(prefix.digest(), digest_of(as_bytes(std::string_view(input).substr(0, hasher.count()))));
  }
  EXPECT_EQ(hasher.digest(), digest_of(as_bytes(input)));
  EXPECT_EQ(hasher.count(), input.size());
}

}  // namespace
}  // namespace sampan
