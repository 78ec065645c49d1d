#include "net/readable_set.h"

#include <array>
#include <cerrno>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/epoll.h>

#include "base/system_error.h"
#include "base/unique_fd.h"

namespace sampan::net {

namespace asio = boost::asio;

// An epoll within the loop's own: one thing to wait for, whatever is in it.
struct ReadableSet::State {
  State(const asio::any_io_executor& executor, UniqueFd epoll) : descriptor(executor, epoll.release()) {}
  asio::posix::stream_descriptor descriptor;
};

ReadableSet::ReadableSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
ReadableSet::ReadableSet(ReadableSet&&) noexcept = default;
ReadableSet& ReadableSet::operator=(ReadableSet&&) noexcept = default;
ReadableSet::~ReadableSet() = default;

Result<ReadableSet> ReadableSet::make(EventLoop& loop) {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return fail(system_error(errno, "epoll"));
  return ReadableSet(std::make_unique<State>(loop.executor(), std::move(epoll)));
}

Result<> ReadableSet::add(int descriptor) {
  epoll_event event = {.events = EPOLLIN, .data = {.fd = descriptor}};
  if (epoll_ctl(state_->descriptor.native_handle(), EPOLL_CTL_ADD, descriptor, &event) != 0)
    return fail(system_error(errno, "epoll"));
  return {};
}

void ReadableSet::remove(int descriptor) {
  (void)epoll_ctl(state_->descriptor.native_handle(), EPOLL_CTL_DEL, descriptor, nullptr);
}

Task<std::vector<int>> ReadableSet::wait() {
  std::array<epoll_event, 16> events;
  for (;;) {
    const int count = epoll_wait(state_->descriptor.native_handle(), events.data(), events.size(), 0);
    if (count > 0) {
      std::vector<int> ready;
      for (int i = 0; i < count; ++i) ready.push_back(events[static_cast<std::size_t>(i)].data.fd);
      co_return ready;
    }
    co_await state_->descriptor.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  }
}

}  // namespace sampan::net
