#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"

namespace sampan::net {

/// 256 KiB, borrowed from the calling thread's pool and given back to the one where it ends. 256 KiB is where
/// batching sends stops paying (docs/performance.md); an idle connection holds none.
class PooledBuffer {
 public:
  static constexpr std::size_t size = 256 * 1024;

  PooledBuffer();
  ~PooledBuffer();
  PooledBuffer(PooledBuffer&&) noexcept = default;
  PooledBuffer& operator=(PooledBuffer&&) noexcept = default;

  ByteSpan bytes() const { return {memory_.get(), size}; }

 private:
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace sampan::net
