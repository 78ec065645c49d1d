#include <ctime>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/part_file.h"
#include "disk/read_at.h"
#include "disk/testing/part_file_fixture.h"

// Parts that a power cut, a bad disk or somebody with an editor has been at: whatever is believed of them
// must be true.

namespace sampan::disk {
namespace {

using testing::chunk;

// What the kernel's clock for files says moves on every few milliseconds; newer kernels are finer.
void let_the_clock_move_on() {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_REALTIME_COARSE, &time);
    return FileTime::from(time);
  };
  const FileTime before = now();
  while (now() == before) continue;
}

class PartDamageTest : public testing::PartFileFixture {
 protected:
  // Takes the damaged part up, if it can be, and expects all that it claims to be so.
  void expect_true_and_mendable(const std::string& bytes) const {
    auto part = PartFile::open(directory_, "p");
    if (!part) {
      EXPECT_EQ(part.error().code(), ErrorCode::not_found);
      return;
    }
    expect_runs_true(*part, bytes);
    complete(*part, bytes);
    EXPECT_TRUE(part->seal(false));
    EXPECT_EQ(file("p.part"), bytes);
  }

  // One byte of the part's first chunk; its time is what it was.
  void flip_in_secret() const {
    let_the_clock_move_on();
    const UniqueFd fd(open((root_.path() + "/p.part").c_str(), O_RDWR | O_CLOEXEC));
    struct stat before {};
    ASSERT_EQ(fstat(fd.get(), &before), 0);
    char byte = 0;
    ASSERT_EQ(pread(fd.get(), &byte, 1, 5), 1);
    byte = static_cast<char>(byte ^ 1);
    ASSERT_EQ(pwrite(fd.get(), &byte, 1, 5), 1);
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(futimens(fd.get(), times), 0);
    let_the_clock_move_on();
  }
};

TEST_F(PartDamageTest, AJournalTornAnywhereNeverClaimsWhatIsNotThere) {
  const std::string bytes = bytes_of(6 * chunk);
  receive(bytes, {0, 1, 4, 2});
  const std::string journal = file("p.journal");
  const std::string part = file("p.part");
  for (std::size_t length = 0; length <= journal.size(); ++length) {
    put("p.journal", journal.substr(0, length));
    put("p.part", part);
    expect_true_and_mendable(bytes);
  }
}

TEST_F(PartDamageTest, AStrangersByteInWhatHasArrivedIsInTheDigest) {
  RecordProperty("proves", "R11.6");
  const std::string bytes = bytes_of(3 * chunk);
  for (const std::uint64_t written : {1U, 2U, 3U}) {  // chunks that are there when the stranger comes
    auto part = PartFile::create(directory_, "p", plan_of(bytes));
    ASSERT_TRUE(part);
    for (std::uint64_t i = 0; i < 3; ++i) {
      if (i == written) flip_in_secret();
      ASSERT_TRUE(part->write_chunk(i, chunk_of(bytes, i), std::nullopt));
    }
    if (written == 3) flip_in_secret();
    const auto digest = part->digest();
    ASSERT_TRUE(digest);
    EXPECT_EQ(*digest, digest_of(as_bytes(file("p.part")))) << "of what is on the disk";
    EXPECT_NE(*digest, digest_of(as_bytes(bytes)));
  }
}

TEST_F(PartDamageTest, WhatIsAppendedToATornJournalIsUnderstood) {
  const std::string bytes = bytes_of(6 * chunk);
  receive(bytes, {0, 1, 2});
  const std::string journal = file("p.journal");
  for (std::size_t cut = 1; cut < 48; ++cut) {
    put("p.journal", journal.substr(0, journal.size() - cut));
    for (const std::uint64_t index : {2U, 4U}) {
      auto part = PartFile::open(directory_, "p");
      ASSERT_TRUE(part);
      ASSERT_TRUE(part->write_chunk(index, chunk_of(bytes, index), std::nullopt));
    }
    EXPECT_EQ(PartFile::open(directory_, "p")->chunks_present(), 4U);
  }
}

TEST_F(PartDamageTest, AFlippedBitInTheJournalIsFound) {
  const std::string bytes = bytes_of(4 * chunk);
  receive(bytes, {0, 1, 3});
  const std::string journal = file("p.journal");
  const std::string part = file("p.part");
  for (std::size_t at = 0; at < journal.size(); ++at) {
    std::string damaged = journal;
    damaged[at] ^= 4;
    put("p.journal", damaged);
    put("p.part", part);
    expect_true_and_mendable(bytes);
  }
}

TEST_F(PartDamageTest, AFlippedBitInTheBytesCostsItsChunkAndAtWorstWhatFollows) {
  const std::string bytes = bytes_of(8 * chunk);
  for (std::size_t at = 100; at < bytes.size(); at += 311) {
    receive(bytes, {0, 1, 2, 3, 5, 7, 6});
    const std::uint64_t hit = at / chunk;
    std::string part_bytes = file("p.part");
    part_bytes[at] ^= 1;
    put("p.part", part_bytes);
    auto part = PartFile::open(directory_, "p");
    ASSERT_TRUE(part);
    EXPECT_FALSE(part->has(hit));
    for (const std::uint64_t i : {0U, 1U, 2U, 3U}) EXPECT_EQ(part->has(i), i < hit) << i;
    for (const std::uint64_t i : {5U, 6U, 7U}) EXPECT_EQ(part->has(i), i != hit) << i;
    part.value() = *PartFile::open(directory_, "p");  // and once more, from the journal that was put right
    EXPECT_FALSE(part->has(hit));
    complete(*part, bytes);
  }
}

TEST_F(PartDamageTest, ABitThatFlipsWhileThePartIsOpenIsNotSignedAnew) {
  const std::string bytes = bytes_of(6 * chunk);
  std::string changed = bytes;
  changed[3 * chunk] ^= 1;
  auto part = PartFile::create(directory_, "p", plan_of(bytes));
  for (std::uint64_t i = 0; i < 6; ++i) ASSERT_TRUE(part->write_chunk(i, chunk_of(bytes, i), std::nullopt));
  ASSERT_TRUE(write_at(part->fd(), as_bytes("?"), chunk + 7));
  ASSERT_TRUE(part->write_chunk(3, chunk_of(changed, 3), std::nullopt));
  EXPECT_FALSE(part->has(1));
  expect_runs_true(*part, changed);
  complete(*part, changed);
}

TEST_F(PartDamageTest, APartOfAnotherLengthIsMadeRight) {
  const std::string bytes = bytes_of(4 * chunk + 100);
  for (const std::uintmax_t size : {0U, 1U, 3 * chunk, 4 * chunk + 99, 4 * chunk + 101, 9 * chunk}) {
    receive(bytes, {0, 1, 2, 3, 4});
    std::filesystem::resize_file(root_.path() + "/p.part", size);
    expect_true_and_mendable(bytes);
  }
}

TEST_F(PartDamageTest, OneFileWithoutTheOtherIsNothing) {
  const std::string bytes = bytes_of(2 * chunk);
  receive(bytes, {0});
  std::filesystem::remove(root_.path() + "/p.part");
  EXPECT_EQ(PartFile::open(directory_, "p").error().code(), ErrorCode::not_found);
  receive(bytes, {0});
  std::filesystem::remove(root_.path() + "/p.journal");
  EXPECT_EQ(PartFile::open(directory_, "p").error().code(), ErrorCode::not_found);
  EXPECT_EQ(PartFile::read_plan(directory_, "p").error().code(), ErrorCode::not_found);
  EXPECT_TRUE(PartFile::remove(directory_, "p"));
  EXPECT_TRUE(PartFile::remove(directory_, "p"));
}

TEST_F(PartDamageTest, AJournalOfAnotherPartClaimsNothing) {
  const std::string bytes = bytes_of(4 * chunk);
  receive(bytes, {0, 1, 3});
  const std::string journal = file("p.journal");
  receive(std::string(4 * chunk, 'o'), {0, 1, 3});
  put("p.journal", journal);
  auto part = PartFile::open(directory_, "p");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->chunks_present(), 0U);
  complete(*part, bytes);
}

}  // namespace
}  // namespace sampan::disk
