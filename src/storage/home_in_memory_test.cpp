// The decisions of a Home on a store in memory: thousands of steps, and a store that fails at any of them.
#include <array>
#include <random>

#include <gtest/gtest.h>

#include "storage/home.h"
#include "storage/testing/file_store_in_memory.h"

namespace sampan::storage {
namespace {

constexpr std::uint32_t chunk = 64;

/// Somebody who does whatever can be done, in an order that a seed gives.
class Walk {
 public:
  explicit Walk(unsigned seed) : random_(seed) {
    auto store = std::make_unique<testing::FileStoreInMemory>(chunk);
    store_ = store.get();
    home_ = *Home::open(std::move(store));
  }

  Home& home() { return *home_; }
  testing::FileStoreInMemory& store() { return *store_; }
  std::size_t below(std::size_t count) { return random_() % count; }

  /// What the ledger should say: what is stored, and what is staged with its whole size.
  Usage truth() const {
    Usage usage = *store_->count();
    const auto staged = store_->list_staged();
    for (const StagedUpload& upload : *staged) {
      usage.bytes += upload.size;
      ++usage.files;
    }
    return usage;
  }

  void step() {
    switch (below(8)) {
      case 0:
        return (void)home_->make_directory(any_path(), 0755, below(2) == 0);
      case 1:
        return (void)home_->remove_directory(any_path());
      case 2:
        return (void)home_->remove_file(any_path());
      case 3:
        return (void)home_->rename(any_path(), any_path(), below(2) == 0);
      case 4:
        return put();
      case 5:
        return begin();
      case 6:
        return feed();
      default:
        return end();
    }
  }

 private:
  VirtualPath any_path() {
    constexpr std::array<const char*, 8> paths = {"a", "b", "c", "d", "a/a", "a/b", "b/a", "a/b/c"};
    return *VirtualPath::parse(paths[below(paths.size())]);
  }
  static std::string bytes(std::size_t size) { return std::string(size, 'x'); }

  void put() {
    std::array<std::string, 3> texts;
    std::vector<WholeFile> files;
    for (std::string& text : texts) {
      text = bytes(below(200));
      files.push_back({{any_path(), text.size(), {}, 0644}, as_bytes(text), digest_of(as_bytes(text))});
    }
    (void)home_->put(files);
  }
  void begin() {
    if (auto upload = home_->begin_upload({any_path(), below(5) * 50, {}, 0644}))
      upload_ = std::move(*upload);
  }
  void feed() {
    if (!upload_) return;
    for (std::uint64_t i = 0; i * chunk < upload_->plan().size; ++i)
      (void)upload_->accept(
          i, as_bytes(bytes(std::min<std::size_t>(chunk, upload_->plan().size - i * chunk))), std::nullopt);
  }
  void end() {
    if (!upload_) return;
    const std::size_t choice = below(4);
    if (choice == 0) {
      (void)home_->abort_upload(upload_->plan().path);
    } else if (choice == 1) {
      FileTime later = FileTime::now();
      later.seconds += 1;
      upload_.reset();
      home_->expire_uploads(later);
    } else {
      (void)upload_->commit(digest_of(as_bytes(bytes(upload_->plan().size + (choice == 2 ? 0 : 1)))));
    }
  }

  std::mt19937 random_;
  testing::FileStoreInMemory* store_ = nullptr;  // the home's
  std::shared_ptr<Home> home_;
  std::shared_ptr<Upload> upload_;
};

TEST(HomeInMemory, TheLedgerIsWhatIsStoredAfterEveryStep) {
  RecordProperty("proves", "R10.3");
  for (unsigned seed = 1; seed <= 10; ++seed) {
    Walk walk(seed);
    walk.home().set_limits({700, 6});
    for (int step = 0; step < 2000; ++step) {
      walk.step();
      const Usage used = walk.home().used();
      ASSERT_EQ(used, walk.truth()) << "seed " << seed << ", step " << step;
      ASSERT_LE(used.bytes, 700U) << "seed " << seed << ", step " << step;
      ASSERT_LE(used.files, 6U) << "seed " << seed << ", step " << step;
    }
  }
}

TEST(HomeInMemory, AStoreThatFailsAnywhereLosesNoRoomAndGivesNoneAway) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    Walk walk(seed);
    walk.home().set_limits({700, 6});
    for (int step = 0; step < 2000; ++step) {
      if (walk.below(3) == 0) {
        const std::size_t steps = walk.below(6);
        walk.store().fail_with(ErrorCode::io_error, steps, walk.below(2) == 0 ? 1 : SIZE_MAX);
      }
      walk.step();
      walk.store().mend();
      // What could not be thrown away keeps its room until it can.
      const Usage used = walk.home().used();
      ASSERT_GE(used.bytes, walk.truth().bytes) << "seed " << seed << ", step " << step;
      ASSERT_GE(used.files, walk.truth().files) << "seed " << seed << ", step " << step;
      ASSERT_LE(used.bytes, 700U) << "seed " << seed << ", step " << step;
      ASSERT_LE(used.files, 6U) << "seed " << seed << ", step " << step;
      if (step % 100 != 99) continue;
      FileTime later = FileTime::now();
      later.seconds += 1;
      const auto pending = walk.home().pending_uploads();
      for (const PendingUpload& upload : *pending) (void)walk.home().abort_upload(upload.path);
      walk.home().expire_uploads(later);
      ASSERT_EQ(walk.home().used(), walk.truth()) << "seed " << seed << ", step " << step;
    }
  }
}

TEST(HomeInMemory, AnUploadThatCannotBeStagedTakesNoRoom) {
  Walk walk(1);
  const FilePlan plan = {*VirtualPath::parse("f"), 1000, {}, 0644};
  walk.store().fail_with(ErrorCode::disk_full, 1, 1);  // what was there before is thrown away first
  EXPECT_EQ(walk.home().begin_upload(plan).error().code(), ErrorCode::disk_full);
  EXPECT_EQ(walk.home().used(), Usage{});
  EXPECT_TRUE(walk.home().begin_upload(plan));
}

TEST(HomeInMemory, AReplacementThatFailsAtAnyStepLeavesTheOldOne) {
  Walk walk(1);
  const VirtualPath path = *VirtualPath::parse("f");
  const auto put = [&](const std::string& text) -> Result<Receipt> {
    const std::vector<WholeFile> files = {
        {{path, text.size(), {}, 0644}, as_bytes(text), digest_of(as_bytes(text))}};
    return walk.home().put(files).front();
  };
  ASSERT_TRUE(put("old"));
  for (std::size_t steps = 0;; ++steps) {
    walk.store().fail_with(ErrorCode::io_error, steps);
    const auto receipt = put("newer");
    walk.store().mend();
    const auto entry = walk.home().stat(path);
    ASSERT_TRUE(entry);
    if (receipt) {
      EXPECT_EQ(entry->size, 5U);
      EXPECT_GE(steps, 3U);
      break;
    }
    EXPECT_EQ(receipt.error().code(), ErrorCode::io_error);
    EXPECT_EQ(walk.home().used(), (Usage{entry->size, 1}));
    // Behind its rename it is there and only not durable yet: that is said as a failure too.
    if (entry->size == 5) {
      ASSERT_TRUE(put("old"));
    }
    ASSERT_LT(steps, 20U);
  }
}

}  // namespace
}  // namespace sampan::storage
