#include "net/buffer_pool.h"

#include <vector>

namespace sampan::net {
namespace {

constexpr std::size_t kept_most = 16;  // per thread: 4 MiB

// One per thread, so that borrowing needs no lock.
std::vector<std::unique_ptr<std::byte[]>>& pool() {
  static thread_local std::vector<std::unique_ptr<std::byte[]>> free;  // tidy-allow: empty memory, no state
  return free;
}

}  // namespace

PooledBuffer::PooledBuffer() {
  auto& free = pool();
  if (free.empty()) {
    memory_ = std::make_unique_for_overwrite<std::byte[]>(size);
  } else {
    memory_ = std::move(free.back());
    free.pop_back();
  }
}

PooledBuffer::~PooledBuffer() {
  if (memory_ && pool().size() < kept_most) pool().push_back(std::move(memory_));
}

}  // namespace sampan::net
