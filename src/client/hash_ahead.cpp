#include "client/hash_ahead.h"

#include <algorithm>

#include "disk/read_at.h"

namespace sampan::client {
namespace {

constexpr std::size_t marks_most = 64;

// Every second one goes, so the others are twice as far apart.
void thin_out(std::vector<Hasher>& marks) {
  for (std::size_t i = 0; i < marks.size() / 2; ++i) marks[i] = marks[2 * i + 1];
  marks.resize(marks.size() / 2);
}

}  // namespace

bool HashAhead::step() {
  const std::uint64_t left = source_.info.size - hasher_.count();
  if (left == 0) return false;
  buffer_.resize(piece);
  const ByteSpan room =
      std::span(buffer_).first(static_cast<std::size_t>(std::min<std::uint64_t>(left, piece)));
  const auto got = disk::read_at(source_.fd.get(), room, hasher_.count());
  if (!got || *got < room.size()) return false;
  hasher_.update(room);
  if (hasher_.count() % stride_ != 0) return true;
  marks_.push_back(hasher_);
  if (marks_.size() < marks_most) return true;
  thin_out(marks_);
  stride_ *= 2;
  return true;
}

Hasher HashAhead::longest(std::uint64_t count) const {
  if (hasher_.count() <= count) return hasher_;
  const auto marks = static_cast<std::size_t>(std::min<std::uint64_t>(count / stride_, marks_.size()));
  return marks == 0 ? Hasher() : marks_[marks - 1];
}

}  // namespace sampan::client
