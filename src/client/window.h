#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>

namespace sampan::client {

/// How much may wait for an answer at once: so many requests and so many bytes. Whoever writes without ever
/// reading ends in both sides waiting for the other to read.
class Window {
 public:
  Window(std::size_t requests_most, std::uint64_t bytes_most)
      : requests_most_(requests_most), bytes_most_(bytes_most) {}

  /// Whether a request of `bytes` may be sent now. A single one always may, however large.
  bool has_room_for(std::uint64_t bytes) const {
    if (requests_ == 0) return true;
    return requests_ < requests_most_ && bytes <= bytes_most_ - std::min(bytes_, bytes_most_);
  }
  void sent(std::uint64_t bytes) {
    ++requests_;
    bytes_ += bytes;
  }
  /// The oldest request, which was of `bytes`, has its answer.
  void answered(std::uint64_t bytes) {
    assert(requests_ != 0 && bytes_ >= bytes);
    --requests_;
    bytes_ -= bytes;
  }
  bool is_empty() const { return requests_ == 0; }

 private:
  std::size_t requests_most_;
  std::uint64_t bytes_most_;
  std::size_t requests_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace sampan::client
