#include "disk/side_by_side.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace sampan::disk {
namespace {

constexpr std::size_t threads_most = 16;
constexpr std::size_t share_least = 3;  // less is done before another thread has begun

}  // namespace

void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto take_turns = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> helpers;
  try {
    while (helpers.size() + 1 < std::min(threads_most, count / share_least)) helpers.emplace_back(take_turns);
  } catch (const std::system_error&) {
    // The system gives no more threads: those that are there do it all.
  }
  take_turns();
}

void at_once(const std::function<void()>& work, const std::function<void()>& beside) {
  std::jthread helper;
  try {
    helper = std::jthread(beside);
  } catch (const std::system_error&) {
    work();
    beside();
    return;
  }
  work();
}

}  // namespace sampan::disk
