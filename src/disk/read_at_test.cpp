#include "disk/read_at.h"

#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "disk/directory.h"

namespace sampan::disk {
namespace {

TEST(ReadAtTest, GivesLessOnlyAtTheEnd) {
  const testing::TemporaryDirectory root;
  const auto directory = Directory::open_trusted(root.path());
  ASSERT_TRUE(directory);
  const auto fd = directory->open_file("f", O_CREAT | O_RDWR);
  ASSERT_TRUE(fd);
  ASSERT_TRUE(write_at(fd->get(), as_bytes("tail"), 6));
  ASSERT_TRUE(write_at(fd->get(), as_bytes("front-"), 0));
  std::string room(8, '?');
  const ByteSpan span = std::as_writable_bytes(std::span(room));
  EXPECT_EQ(*read_at(fd->get(), span, 0), 8U);
  EXPECT_EQ(room, "front-ta");
  EXPECT_EQ(*read_at(fd->get(), span, 6), 4U);
  EXPECT_EQ(room.substr(0, 4), "tail");
  EXPECT_EQ(*read_at(fd->get(), span, 10), 0U);
  EXPECT_EQ(*read_at(fd->get(), {}, 0), 0U);
}

TEST(ReadAtTest, WhatIsCachedIsAllOrNothing) {
  const testing::TemporaryDirectory root;
  const auto directory = Directory::open_trusted(root.path());
  ASSERT_TRUE(directory);
  const auto fd = directory->open_file("f", O_CREAT | O_RDWR);
  ASSERT_TRUE(fd);
  ASSERT_TRUE(write_at(fd->get(), as_bytes("front-tail"), 0));
  std::string room(4, '?');
  const ByteSpan span = std::as_writable_bytes(std::span(room));
  const bool cached = read_cached(fd->get(), span, 6);  // the kernel's to decide
  EXPECT_EQ(room, cached ? "tail" : "????");
  EXPECT_FALSE(read_cached(fd->get(), span, 7));
  EXPECT_FALSE(read_cached(-1, span, 0));
}

TEST(ReadAtTest, OffsetsThatCannotBeAreRefused) {
  const testing::TemporaryDirectory root;
  const auto directory = Directory::open_trusted(root.path());
  ASSERT_TRUE(directory);
  const auto fd = directory->open_file("f", O_CREAT | O_RDWR);
  ASSERT_TRUE(fd);
  std::byte one{};
  EXPECT_FALSE(read_at(fd->get(), ByteSpan(&one, 1), UINT64_MAX));
  EXPECT_FALSE(write_at(fd->get(), ByteView(&one, 1), UINT64_MAX));
}

}  // namespace
}  // namespace sampan::disk
