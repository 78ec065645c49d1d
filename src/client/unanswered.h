#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace sampan::client {

/// Shares of one work that a lost connection did not bring to an end, by their numbers: for whoever is next.
class Returned {
 public:
  bool is_empty() const { return numbers_.empty(); }
  std::optional<std::uint64_t> take() {
    if (numbers_.empty()) return std::nullopt;
    const std::uint64_t number = numbers_.back();
    numbers_.pop_back();
    return number;
  }
  void add(std::uint64_t number) { numbers_.push_back(number); }

 private:
  std::vector<std::uint64_t> numbers_;
};

/// What is under way on one connection, oldest first: pieces of a large file, or files of a tree, by their
/// numbers. What has no answer when this goes was lost with the connection, and is given back for another
/// one.
class Unanswered {
 public:
  /// `returned` outlives it.
  explicit Unanswered(Returned& returned) : returned_(returned) {}
  Unanswered(const Unanswered&) = delete;
  Unanswered& operator=(const Unanswered&) = delete;
  ~Unanswered() {
    for (const std::uint64_t number : numbers_) returned_.add(number);
  }

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
  Returned& returned_;
  std::deque<std::uint64_t> numbers_;
};

}  // namespace sampan::client
