// A part whose disk fails goes on by itself once the disk is well again, in the same object and in a new one.
#include <array>
#include <cerrno>

#include <gtest/gtest.h>

#include "disk/part_file.h"
#include "disk/testing/simulated_disk.h"

namespace sampan::disk {
namespace {

using testing::Fault;
using testing::MountedDisk;
using testing::SimulatedDisk;

constexpr std::uint32_t chunk = 1024;

class PartFaultTest : public ::testing::TestWithParam<Fault> {
 protected:
  PartFaultTest()
      : mounted_(disk_), directory_(*Directory::open_trusted(std::string(SimulatedDisk::root_path))) {
    for (std::size_t i = 0; i < bytes_.size(); ++i) bytes_[i] = static_cast<char>(i * 31 + i / 1000);
  }
  ByteView piece(std::uint64_t index) const {
    return as_bytes(std::string_view(bytes_).substr(index * chunk, chunk));
  }
  // Writes a chunk; where the disk fails, once more.
  void write(PartFile& part, std::uint64_t index, ByteView bytes) {
    if (part.write_chunk(index, bytes, std::nullopt)) return;
    disk_.disarm();
    const auto again = part.write_chunk(index, bytes, std::nullopt);
    EXPECT_TRUE(again) << again.error().message();
  }
  // All that a sender may do, in one go: out of order, changed chunks, one of them over and over.
  void receive(PartFile& part) {
    rewrite(part, 4);  // the journal gets too long
    for (const std::uint64_t index : {0, 3}) write(part, index, piece(index));
    rewrite(part, 2);
    for (const std::uint64_t index : {0, 1, 2, 3}) write(part, index, piece(index));
  }
  // The same chunk with one content and another, so many times.
  void rewrite(PartFile& part, int times) {
    const std::string other(chunk, 'x');
    for (int i = 0; i < times; ++i) write(part, 1, i % 2 == 0 ? as_bytes(other) : piece(1));
  }
  void expect_whole(PartFile& part) {
    const auto digest = part.digest();
    ASSERT_TRUE(digest) << digest.error().message();
    EXPECT_EQ(*digest, digest_of(as_bytes(bytes_)));
  }

  std::string bytes_ = std::string(3 * chunk + 17, '\0');
  SimulatedDisk disk_;
  MountedDisk mounted_;
  Directory directory_;
};

TEST_P(PartFaultTest, GoesOn) {
  for (std::uint64_t call = 1;; ++call) {
    SCOPED_TRACE("call " + std::to_string(call));
    auto part = PartFile::create(
        directory_, "p",
        {.target = "/f", .size = bytes_.size(), .chunk_size = chunk, .mtime = {}, .mode = 0644, .tag = {}});
    ASSERT_TRUE(part);
    write(*part, 2, piece(2));
    rewrite(*part, 76);
    Fault fault = GetParam();
    fault.call = call;
    disk_.arm(fault);
    receive(*part);
    const bool reached = disk_.calls() >= call || disk_.struck();
    disk_.disarm();
    expect_whole(*part);
    auto resumed = PartFile::open(directory_, "p");
    ASSERT_TRUE(resumed);
    for (std::uint64_t index = 0; index < 4; ++index)
      if (!resumed->has(index)) write(*resumed, index, piece(index));
    expect_whole(*resumed);
    if (HasFailure()) break;
    if (!reached) break;
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, PartFaultTest,
                         ::testing::Values(Fault{.error = EIO}, Fault{.error = ENOSPC},
                                           Fault{.error = EMFILE}, Fault{.error = EINTR},
                                           Fault{.short_write = true},
                                           Fault{.error = ENOSPC, .lasting = true, .short_write = true}));

}  // namespace
}  // namespace sampan::disk
