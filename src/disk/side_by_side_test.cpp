#include "disk/side_by_side.h"

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace sampan::disk {
namespace {

TEST(SideBySide, EachIndexOnceWhateverTheCount) {
  for (const std::size_t count : {0, 1, 7, 16, 17, 64, 1000}) {
    std::vector<std::atomic<int>> calls(count);
    side_by_side(count, [&](std::size_t i) { ++calls[i]; });
    for (const auto& times : calls) EXPECT_EQ(times, 1) << "of " << count;
  }
}

TEST(SideBySide, FewAreDoneByTheCallerAlone) {
  std::set<std::thread::id> threads;
  side_by_side(5, [&](std::size_t) { threads.insert(std::this_thread::get_id()); });
  EXPECT_EQ(threads, std::set{std::this_thread::get_id()});
}

TEST(SideBySide, ManyWaitTogether) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::atomic<int> inside = 0;
  side_by_side(64, [&](std::size_t) {
    ++inside;
    while (inside < 2) std::this_thread::yield();  // would be here for ever if there were no second one
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
  });
  EXPECT_GT(threads.size(), 1U);
}

TEST(SideBySide, TwoAtOnceAreBothDoneAtTheEnd) {
  std::atomic<int> inside = 0;
  const auto meet = [&] {
    ++inside;
    while (inside < 2) std::this_thread::yield();
  };
  at_once(meet, meet);
  EXPECT_EQ(inside, 2);
}

TEST(SideBySide, NobodyWaitsForAFreeHelper) {
  // More callers than there are helpers, each of them held until all have begun; and one within another.
  constexpr int callers = 40;
  std::atomic<int> begun = 0;
  std::atomic<int> done = 0;
  const auto call = [&] {
    at_once(
        [&] {
          ++begun;
          while (begun < callers) std::this_thread::yield();
          side_by_side(20, [&](std::size_t) { ++done; });
        },
        [&] { side_by_side(20, [&](std::size_t) { ++done; }); });
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < callers; ++i) threads.emplace_back(call);
  threads.clear();
  EXPECT_EQ(done, callers * 40);
}

}  // namespace
}  // namespace sampan::disk
