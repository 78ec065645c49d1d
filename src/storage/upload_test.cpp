#include "storage/upload.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "storage/homes.h"

namespace sampan::storage {
namespace {

constexpr std::size_t chunk = 256 * 1024;

class UploadTest : public ::testing::Test {
 protected:
  UploadTest() : bytes_(3 * chunk + 17, '\0') {
    for (std::size_t i = 0; i < bytes_.size(); ++i) bytes_[i] = static_cast<char>(i * 7 + i / 1000);
    for (const char* folder : {"/homes", "/staging"})
      std::filesystem::create_directory(root_.path() + folder);
    EXPECT_TRUE(make_home(*disk::Directory::open_trusted(root_.path() + "/homes"), "alice"));
    restart();
  }
  void restart() {
    home_.reset();
    homes_ = std::make_unique<Homes>(*disk::Directory::open_trusted(root_.path() + "/homes"),
                                     *disk::Directory::open_trusted(root_.path() + "/staging"));
    home_ = *homes_->open("alice");
  }
  FilePlan plan() const { return {*VirtualPath::parse("big"), bytes_.size(), {1'000'000'000, 5}, 0640}; }
  ByteView piece(std::uint64_t index) const {
    return as_bytes(std::string_view(bytes_).substr(index * chunk, chunk));
  }
  void send(Upload& upload, std::initializer_list<std::uint64_t> indices) const {
    for (const std::uint64_t index : indices) ASSERT_TRUE(upload.accept(index, piece(index), std::nullopt));
  }
  Digest digest() const { return digest_of(as_bytes(bytes_)); }
  std::string stored() const {
    std::ifstream file(root_.path() + "/homes/alice/big", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string bytes_;
  testing::TemporaryDirectory root_;
  std::unique_ptr<Homes> homes_;
  std::shared_ptr<Home> home_;
};

TEST_F(UploadTest, AppearsWholeAtTheCommitAndNotBefore) {
  auto upload = *home_->begin_upload(plan());
  send(*upload, {0, 2, 1});
  EXPECT_EQ(upload->commit(digest()).error().code(), ErrorCode::incomplete);
  EXPECT_FALSE(home_->stat(plan().path));
  send(*upload, {3});
  const auto receipt = upload->commit(digest());
  ASSERT_TRUE(receipt) << receipt.error().message();
  EXPECT_EQ(stored(), bytes_);
  const auto entry = home_->stat(plan().path);
  EXPECT_EQ(entry->mode, 0640U);
  EXPECT_EQ(entry->mtime, (FileTime{1'000'000'000, 5}));
  EXPECT_EQ(home_->used(), (Usage{bytes_.size(), 1}));
  EXPECT_TRUE(home_->pending_uploads()->empty());
  restart();
  EXPECT_EQ(home_->used(), (Usage{bytes_.size(), 1}));
}

TEST_F(UploadTest, IsTakenUpAfterARestartWithItsRoomStillReserved) {
  {
    auto upload = *home_->begin_upload(plan());
    send(*upload, {0, 1});
  }
  restart();
  EXPECT_EQ(home_->used(), (Usage{bytes_.size(), 1}));
  auto upload = *home_->begin_upload(plan());
  const auto have = upload->have();
  ASSERT_EQ(have->size(), 1U);
  EXPECT_EQ(have->front().count, 2U);
  EXPECT_EQ(have->front().digest, digest_of(as_bytes(std::string_view(bytes_).substr(0, 2 * chunk))));
  send(*upload, {2, 3});
  EXPECT_TRUE(upload->commit(digest()));
  EXPECT_EQ(home_->used(), (Usage{bytes_.size(), 1}));
}

TEST_F(UploadTest, TheQuotaIsTakenBeforeAByteFlowsAndGivenBack) {
  home_->set_limits({bytes_.size() - 1, std::nullopt});
  EXPECT_EQ(home_->begin_upload(plan()).error().code(), ErrorCode::over_quota);
  EXPECT_EQ(home_->used(), Usage{});
  home_->set_limits({bytes_.size(), std::nullopt});
  ASSERT_TRUE(home_->begin_upload(plan()));
  EXPECT_EQ(home_->used(), (Usage{bytes_.size(), 1}));
  ASSERT_TRUE(home_->abort_upload(plan().path));
  EXPECT_EQ(home_->used(), Usage{});
  EXPECT_EQ(home_->abort_upload(plan().path).error().code(), ErrorCode::not_found);
}

TEST_F(UploadTest, ANewBeginTakesOver) {
  auto first = *home_->begin_upload(plan());
  send(*first, {0});
  auto second = *home_->begin_upload(plan());
  EXPECT_EQ(first->accept(1, piece(1), std::nullopt).error().code(), ErrorCode::superseded);
  EXPECT_EQ(first->commit(digest()).error().code(), ErrorCode::superseded);
  EXPECT_EQ(second->have()->front().count, 1U);
  EXPECT_EQ(home_->find_upload(second->id())->get(), second.get());
  EXPECT_EQ(home_->find_upload(first->id()).error().code(), ErrorCode::no_such_transfer);
  EXPECT_EQ(home_->used(), (Usage{bytes_.size(), 1}));
}

TEST_F(UploadTest, AnotherSizeStartsAnew) {
  { send(**home_->begin_upload(plan()), {0}); }
  FilePlan shorter = plan();
  shorter.size = 2 * chunk;
  auto upload = *home_->begin_upload(shorter);
  EXPECT_TRUE(upload->have()->empty());
  EXPECT_EQ(home_->used(), (Usage{2 * chunk, 1}));
}

TEST_F(UploadTest, AWrongDigestPublishesNothingAndKeepsTheOldFile) {
  auto old = *home_->begin_upload(plan());
  send(*old, {0, 1, 2, 3});
  ASSERT_TRUE(old->commit(digest()));
  auto upload = *home_->begin_upload(plan());
  send(*upload, {0, 1, 2, 3});
  EXPECT_EQ(upload->commit(digest_of({})).error().code(), ErrorCode::wrong_digest);
  EXPECT_EQ(stored(), bytes_);
  EXPECT_EQ(home_->used(), (Usage{bytes_.size(), 1}));
  restart();
  EXPECT_EQ(home_->used(), (Usage{bytes_.size(), 1}));
}

TEST_F(UploadTest, WhatNobodyFeedsExpires) {
  {
    auto held = *home_->begin_upload(plan());
    send(*held, {0});
    FileTime later = FileTime::now();
    later.seconds += 1;
    homes_->expire_uploads(later);
    EXPECT_EQ(home_->pending_uploads()->size(), 1U);  // somebody holds it
  }
  FileTime earlier = FileTime::now();
  earlier.seconds -= 3600;
  homes_->expire_uploads(earlier);
  EXPECT_EQ(home_->pending_uploads()->front().present, chunk);
  FileTime later = FileTime::now();
  later.seconds += 1;
  homes_->expire_uploads(later);
  EXPECT_TRUE(home_->pending_uploads()->empty());
  EXPECT_EQ(home_->used(), Usage{});
  EXPECT_TRUE(std::filesystem::is_empty(root_.path() + "/staging/alice"));
}

}  // namespace
}  // namespace sampan::storage
