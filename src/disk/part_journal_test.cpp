#include "disk/part_journal.h"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "disk/read_at.h"

namespace sampan::disk {
namespace {

constexpr std::size_t record_size = 48;

class PartJournalTest : public ::testing::Test {
 protected:
  PartJournalTest() : directory_(*Directory::open_trusted(root_.path())) {
    journal_.plan = {.target = "/a/\xff\n",
                     .size = 7000,
                     .chunk_size = 1024,
                     .mtime = {-5, 999'999'999},
                     .mode = 0600,
                     .tag = "t"};
    for (const std::uint64_t index : {0U, 1U, 5U, 3U})
      journal_.records.push_back({index, index < 2, digest_of(as_bytes(std::to_string(index)))});
  }
  std::uintmax_t size() const { return std::filesystem::file_size(root_.path() + "/j"); }

  testing::TemporaryDirectory root_;
  Directory directory_;
  PartJournal journal_;
};

TEST_F(PartJournalTest, IsReadAsItWasWrittenAndAppended) {
  ASSERT_TRUE(write_journal(directory_, "j", {journal_.plan, {journal_.records[0]}}));
  {
    const auto fd = directory_.open_file("j", O_RDWR | O_APPEND);
    ASSERT_TRUE(fd);
    for (std::size_t i = 1; i < journal_.records.size(); ++i)
      ASSERT_TRUE(append_record(fd->get(), journal_.records[i]));
  }
  const auto read = read_journal(directory_, "j");
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->torn);
  EXPECT_EQ(read->plan.target, journal_.plan.target);
  EXPECT_EQ(read->plan.size, journal_.plan.size);
  EXPECT_EQ(read->plan.chunk_size, journal_.plan.chunk_size);
  EXPECT_EQ(read->plan.mtime, journal_.plan.mtime);
  EXPECT_EQ(read->plan.mode, journal_.plan.mode);
  EXPECT_EQ(read->plan.tag, journal_.plan.tag);
  ASSERT_EQ(read->records.size(), journal_.records.size());
  for (std::size_t i = 0; i < journal_.records.size(); ++i) {
    EXPECT_EQ(read->records[i].index, journal_.records[i].index);
    EXPECT_EQ(read->records[i].prefix, journal_.records[i].prefix);
    EXPECT_EQ(read->records[i].digest, journal_.records[i].digest);
  }
  EXPECT_EQ(directory_.stat("j")->mode, 0600U);
  EXPECT_FALSE(directory_.stat("j.new"));
}

TEST_F(PartJournalTest, ADamagedRecordEndsItAndADamagedPlanUndoesIt) {
  ASSERT_TRUE(write_journal(directory_, "j", journal_));
  const std::uintmax_t records_at = size() - journal_.records.size() * record_size;
  const auto fd = directory_.open_file("j", O_RDWR);
  ASSERT_TRUE(fd);
  for (std::uint64_t at = 0; at < size(); ++at) {
    std::byte sound{};
    ASSERT_TRUE(read_at(fd->get(), ByteSpan(&sound, 1), at));
    const std::byte damaged = sound ^ std::byte{0x20};
    ASSERT_TRUE(write_at(fd->get(), ByteView(&damaged, 1), at));
    const auto read = read_journal(directory_, "j");
    ASSERT_EQ(read.has_value(), at >= records_at) << at;
    EXPECT_EQ(read_journal_plan(directory_, "j").has_value(), at >= records_at) << at;
    if (read) {
      EXPECT_EQ(read->records.size(), (at - records_at) / record_size) << at;
      EXPECT_TRUE(read->torn);
    } else {
      EXPECT_EQ(read.error().code(), ErrorCode::not_found);
    }
    ASSERT_TRUE(write_at(fd->get(), ByteView(&sound, 1), at));
  }
}

TEST_F(PartJournalTest, ATornTailIsToldAndLeftOut) {
  ASSERT_TRUE(write_journal(directory_, "j", journal_));
  const std::uintmax_t whole = size();
  for (std::size_t cut = 1; cut <= record_size; ++cut) {
    std::filesystem::resize_file(root_.path() + "/j", whole - cut);
    const auto read = read_journal(directory_, "j");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->records.size(), journal_.records.size() - 1);
    EXPECT_EQ(read->torn, cut != record_size);
  }
}

}  // namespace
}  // namespace sampan::disk
