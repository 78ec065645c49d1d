#include "client/large_download.h"

#include <algorithm>

namespace sampan::client {

net::Task<Result<>> LargeDownload::run() {
  do {
    co_await lanes_.run(fill(pieces_));
  } while (outcome_ && !returned_.is_empty());
  co_return outcome_;
}

// A connection beside the first: the file is opened there too, and is of use only where it is still the same.
net::Task<> LargeDownload::fetch(Connection& lane) {
  std::vector<std::byte> body;
  const auto file = co_await get_file(lane, path_, body);
  if (!file || !file->download || file->size != file_.size || file->digest != file_.digest) co_return;
  RemotePieces pieces(lane, *file);
  if (pieces.piece_size() == part_.plan().chunk_size) co_await fill(pieces);
  co_await pieces.end();
}

// Asks for pieces over one connection and writes them as they come, until none is left to ask for. What was
// asked for cannot be had over another connection meanwhile: so there are few until it is seen how they come.
net::Task<> LargeDownload::fill(RemotePieces& pieces) {
  Unanswered asked(returned_);
  std::size_t most = 2;
  std::vector<std::byte> bytes;
  while (const auto index = take_index()) {
    asked.add(*index);
    if (asked.count() > std::min(most, lanes_.pieces_each())) {
      co_await take(pieces, asked, bytes);
      ++most;
    }
    co_await pieces.ask(*index);
    co_await lanes_.widen((part_.plan().chunk_count() - next_) * part_.plan().chunk_size);
  }
  while (!asked.is_empty()) co_await take(pieces, asked, bytes);
}

std::optional<std::uint64_t> LargeDownload::take_index() {
  if (!outcome_) return std::nullopt;
  if (const auto index = returned_.take()) return index;
  while (next_ < part_.plan().chunk_count() && part_.has(next_)) ++next_;
  if (next_ == part_.plan().chunk_count()) return std::nullopt;
  return next_++;
}

net::Task<> LargeDownload::take(RemotePieces& pieces, Unanswered& asked, std::vector<std::byte>& bytes) {
  Result<> taken = co_await pieces.take(bytes);
  const std::uint64_t index = asked.take_oldest();
  if (taken) taken = part_.write_chunk(index, bytes, std::nullopt);
  if (taken)
    progress_.advance(bytes.size());
  else if (outcome_)
    outcome_ = std::move(taken);
}

}  // namespace sampan::client
