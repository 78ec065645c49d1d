#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace sampan::client {

/// What is under way on one connection, oldest first: pieces of a large file, or files of a tree, by their
/// numbers. What has no answer when this goes was lost with the connection, and is given back for another
/// one.
class Unanswered {
 public:
  /// `returned` outlives it.
  explicit Unanswered(std::vector<std::uint64_t>& returned) : returned_(returned) {}
  Unanswered(const Unanswered&) = delete;
  Unanswered& operator=(const Unanswered&) = delete;
  ~Unanswered() { returned_.insert(returned_.end(), numbers_.begin(), numbers_.end()); }

  bool is_empty() const { return numbers_.empty(); }
  std::size_t count() const { return numbers_.size(); }
  void add(std::uint64_t number) { numbers_.push_back(number); }
  /// The oldest has its answer. There must be one.
  std::uint64_t take_oldest() {
    const std::uint64_t oldest = numbers_.front();
    numbers_.pop_front();
    return oldest;
  }

 private:
  std::vector<std::uint64_t>& returned_;
  std::deque<std::uint64_t> numbers_;
};

}  // namespace sampan::client
