#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace sampan::client {

/// Pieces of a large file that wait for their answer on one connection, oldest first. What has none when this
/// goes was lost with the connection, and is given back for another one.
class UnansweredPieces {
 public:
  /// `returned` outlives it.
  explicit UnansweredPieces(std::vector<std::uint64_t>& returned) : returned_(returned) {}
  UnansweredPieces(const UnansweredPieces&) = delete;
  UnansweredPieces& operator=(const UnansweredPieces&) = delete;
  ~UnansweredPieces() { returned_.insert(returned_.end(), pieces_.begin(), pieces_.end()); }

  bool is_empty() const { return pieces_.empty(); }
  std::size_t count() const { return pieces_.size(); }
  void add(std::uint64_t piece) { pieces_.push_back(piece); }
  /// The oldest has its answer. There must be one.
  std::uint64_t take_oldest() {
    const std::uint64_t oldest = pieces_.front();
    pieces_.pop_front();
    return oldest;
  }

 private:
  std::vector<std::uint64_t>& returned_;
  std::deque<std::uint64_t> pieces_;
};

}  // namespace sampan::client
