// While one session's earlier upload is hashed again, which takes as long as the file is large, nobody else
// waits for it.
#include <filesystem>
#include <future>
#include <string>

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "storage/home.h"
#include "storage/local_file_store.h"
#include "storage/testing/gated_store.h"

namespace sampan::storage {
namespace {

constexpr std::uint32_t chunk = 1024;
constexpr std::chrono::seconds hang_guard{60};
constexpr FileTime in_the_future = {INT64_MAX, 0};

class HomeClaimsTest : public ::testing::Test {
 protected:
  HomeClaimsTest() {
    std::filesystem::create_directory(root_.path() + "/home");
    std::filesystem::create_directory(root_.path() + "/staging");
    const auto before = Home::open(store());
    for (const FilePlan* plan : {&film_, &other_}) {
      const auto upload = (*before)->begin_upload(*plan);
      EXPECT_TRUE((*upload)->accept(0, as_bytes(std::string(chunk, 'a')), std::nullopt));
    }
    home_ = *Home::open(std::make_unique<testing::GatedStore>(store(), gate_));
    // A thread of its own is in the middle of hashing what there is of the film.
    resuming_ = std::async(std::launch::async, [this] { return home_->begin_upload(film_); });
    gate_.wait_for_arrivals(1);
  }
  ~HomeClaimsTest() override { gate_.open(); }

  std::unique_ptr<FileStore> store() const {
    return std::make_unique<LocalFileStore>(*disk::Directory::open_trusted(root_.path() + "/home"),
                                            *disk::Directory::open_trusted(root_.path() + "/staging"), chunk);
  }

  /// What `ask` gives while the film is still being hashed. Where it would wait for that, the test fails.
  template <class Ask>
  auto meanwhile(Ask ask) {
    auto answer = std::async(std::launch::async, ask);
    if (answer.wait_for(hang_guard) != std::future_status::ready) {
      ADD_FAILURE() << "it waits for the hashing of another upload";
      gate_.open();
    }
    return answer.get();
  }

  sampan::testing::TemporaryDirectory root_;
  const FilePlan film_ = {*VirtualPath::parse("film"), 2 * chunk + 17, {1'000'000'000, 5}, 0640};
  const FilePlan other_ = {*VirtualPath::parse("other"), chunk + 1, {1'000'000'000, 5}, 0640};
  testing::Gate gate_;
  std::shared_ptr<Home> home_;
  std::future<Result<std::shared_ptr<Upload>>> resuming_;
};

TEST_F(HomeClaimsTest, AnEventLoopFindsNoUploadAtOnce) {
  EXPECT_EQ(meanwhile([&] { return home_->find_upload("no such id"); }).error().code(),
            ErrorCode::no_such_transfer);
}

TEST_F(HomeClaimsTest, WhoWantsTheSameIsToldSo) {
  EXPECT_EQ(meanwhile([&] { return home_->begin_upload(film_); }).error().code(), ErrorCode::busy);
  EXPECT_EQ(meanwhile([&] { return home_->abort_upload(film_.path); }).error().code(), ErrorCode::busy);
  gate_.open();
  const auto upload = resuming_.get();
  ASSERT_TRUE(upload) << upload.error().message();
  EXPECT_EQ((*upload)->have()->size(), 1U);
  EXPECT_TRUE(home_->find_upload((*upload)->id()));
  EXPECT_TRUE(home_->begin_upload(film_)) << "and then it is free";
  EXPECT_EQ((*upload)->have().error().code(), ErrorCode::superseded);
}

TEST_F(HomeClaimsTest, OthersAreBegunAndExpireAsEver) {
  const FilePlan fresh = {*VirtualPath::parse("fresh"), 5, {1'000'000'000, 5}, 0640};
  auto put = [&]() -> Result<Receipt> {
    const std::vector<WholeFile> files = {{fresh, as_bytes("bytes"), digest_of(as_bytes("bytes"))}};
    return home_->put(files).front();
  };
  EXPECT_TRUE(meanwhile(put));
  EXPECT_TRUE(meanwhile([&] { return home_->abort_upload(other_.path); }));
  meanwhile([&] {
    home_->expire_uploads(in_the_future);
    return 0;
  });
  EXPECT_EQ(home_->used(), (Usage{film_.size + fresh.size, 2})) << "what is being taken up does not expire";
  gate_.open();
  EXPECT_TRUE(resuming_.get());
}

TEST_F(HomeClaimsTest, TheListDoesNotWaitForIt) {
  EXPECT_TRUE(meanwhile([&] { return home_->abort_upload(other_.path); }));
  const auto pending = meanwhile([&] { return home_->pending_uploads(); });
  ASSERT_EQ(pending->size(), 1U);
  EXPECT_EQ(pending->front().size, film_.size);
  EXPECT_EQ(pending->front().present, 0U) << "nobody knows yet";
}

}  // namespace
}  // namespace sampan::storage
