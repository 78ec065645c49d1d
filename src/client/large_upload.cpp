#include "client/large_upload.h"

#include <algorithm>

#include "client/remote_files.h"
#include "disk/read_at.h"

namespace sampan::client {

namespace native = wire::native;

net::Task<Result<native::Receipt>> LargeUpload::run() {
  auto there = co_await already_there();
  if (there) {
    progress_.begin(path_, source_.info.size, source_.info.size);
    co_return std::move(*there);
  }
  Result<> outcome = co_await begin();
  if (outcome) {
    progress_.begin(path_, source_.info.size, present_bytes());
    outcome = co_await send_missing();
  }
  if (outcome) outcome = co_await check_unchanged(connection_, source_, hasher_.digest());
  if (outcome) co_return co_await commit();
  const Error error = outcome.error();
  // What is staged then belongs to a file that no longer exists: the next attempt is to start clean.
  if (error.code() == ErrorCode::changed) co_await abandon();
  co_return fail(error);
}

// The server hashes what it has, we what we have, both at once.
template <class T>
net::Task<Result<T>> LargeUpload::call_and_hash(const native::Operation& operation) {
  co_await connection_.send(operation);
  co_await connection_.flush();
  while (!connection_.has_reply() && ahead_.step()) continue;
  co_return co_await connection_.receive<T>();
}

net::Task<Result<>> LargeUpload::hash_beginning(std::uint64_t count, Hasher& hasher) {
  hasher = ahead_.longest(count);
  return hash_range(connection_, source_, hasher.count(), count - hasher.count(), hasher);
}

// The answer to an earlier commit may have been lost on the way: the same size and time, then the same
// digest.
net::Task<std::optional<native::Receipt>> LargeUpload::already_there() {
  const auto entry = co_await stat_file(connection_, path_);
  if (!entry || entry->type != "file" || entry->size != source_.info.size ||
      entry->mtime != source_.info.mtime)
    co_return std::nullopt;
  native::DigestOf digest;
  digest.path.bytes = path_;
  const native::Operation operation = std::move(digest);
  const auto remote = co_await call_and_hash<native::DigestReply>(operation);
  if (!remote) co_return std::nullopt;
  Hasher mine;
  const Result<> hashed = co_await hash_beginning(source_.info.size, mine);
  if (!hashed || mine.digest() != remote->digest) co_return std::nullopt;
  const Result<> unchanged = co_await check_unchanged(connection_, source_, remote->digest);
  if (!unchanged) co_return std::nullopt;
  co_await keep_mode(*entry);
  native::Receipt receipt;
  receipt.path.bytes = path_;
  receipt.size = source_.info.size;
  receipt.digest = remote->digest;
  receipt.mtime = source_.info.mtime;
  co_return receipt;
}

net::Task<> LargeUpload::keep_mode(const native::Entry& there) {
  if (there.mode == mode_of(source_.info)) co_return;
  native::SetAttributes set;
  set.path.bytes = path_;
  set.mode = mode_of(source_.info);
  const native::Operation operation = std::move(set);
  (void)co_await connection_.call<native::Done>(operation);  // the bytes are there, whatever becomes of this
}

net::Task<Result<>> LargeUpload::begin() {
  native::UploadBegin begin;
  begin.path.bytes = path_;
  begin.size = source_.info.size;
  begin.mtime = source_.info.mtime;
  begin.mode = mode_of(source_.info);
  const native::Operation operation = std::move(begin);
  auto ready = co_await call_and_hash<native::UploadReady>(operation);
  if (!ready) co_return fail(ready.error());
  ready_ = std::move(*ready);
  if (ready_.chunk_size == 0 || ready_.chunk_size > connection_.limits().chunk_size)
    throw net::StreamError(Error(ErrorCode::bad_request, "a chunk size beyond the server's own limit"));
  co_return co_await compare_runs();
}

// What the server has is skipped only where the bytes here are the same: a changed source is never spliced.
net::Task<Result<>> LargeUpload::compare_runs() {
  const std::uint64_t chunks = (source_.info.size - 1) / ready_.chunk_size + 1;
  present_.assign(chunks, false);
  std::uint64_t after = 0;  // in order and apart, so that no list makes us read more than the file once
  for (const native::Run& run : ready_.have) {
    const bool sound =
        run.count != 0 && run.first >= after && run.first < chunks && run.count <= chunks - run.first;
    if (!sound) continue;
    after = run.first + run.count;
    const std::uint64_t offset = run.first * ready_.chunk_size;
    const std::uint64_t count = std::min(run.count * ready_.chunk_size, source_.info.size - offset);
    Hasher hasher;
    Result<> hashed;
    if (run.first == 0)
      hashed = co_await hash_beginning(count, hasher);
    else
      hashed = co_await hash_range(connection_, source_, offset, count, hasher);
    if (!hashed) co_return hashed;
    if (hasher.digest() != run.digest) continue;
    std::fill_n(present_.begin() + static_cast<std::ptrdiff_t>(run.first), run.count, true);
    if (run.first != 0) continue;
    hasher_ = hasher;
    next_ = run.count;
  }
  co_return Result<>();
}

std::uint64_t LargeUpload::length_of(std::uint64_t index) const {
  return std::min<std::uint64_t>(ready_.chunk_size, source_.info.size - index * ready_.chunk_size);
}

std::uint64_t LargeUpload::present_bytes() const {
  std::uint64_t bytes = 0;
  for (std::uint64_t i = 0; i < present_.size(); ++i)
    if (present_[i]) bytes += length_of(i);
  return bytes;
}

net::Task<Result<>> LargeUpload::send_missing() {
  do {
    co_await lanes_.run(feed(connection_));
  } while (outcome_ && !returned_.is_empty());
  co_return outcome_;
}

// Over one connection, until no chunk is left that another one does not already carry.
net::Task<> LargeUpload::feed(Connection& lane) {
  std::vector<std::byte> buffer(ready_.chunk_size);
  Unanswered in_flight(returned_);
  while (const auto index = take_chunk(buffer)) {
    if (present_[*index]) {  // it was only hashed; many of them take long
      if (!in_flight.is_empty()) co_await acknowledge(lane, in_flight);
      if (in_flight.is_empty()) co_await lane.keep_alive();
      continue;
    }
    in_flight.add(*index);
    if (in_flight.count() > lanes_.pieces_each()) co_await acknowledge(lane, in_flight);
    const ByteView bytes = ByteView(buffer).first(length_of(*index));
    co_await send_chunk(lane, *index, bytes);
    co_await lanes_.widen((present_.size() - next_) * ready_.chunk_size);
  }
  while (!in_flight.is_empty()) co_await acknowledge(lane, in_flight);
}

// The next chunk that nobody has sent, in `room`; or one that the server has, when its turn to be hashed
// comes.
std::optional<std::uint64_t> LargeUpload::take_chunk(ByteSpan room) {
  if (!outcome_) return std::nullopt;
  if (const auto index = returned_.take()) return read_chunk(*index, room) ? index : std::nullopt;
  if (next_ == present_.size() || !read_chunk(next_, room)) return std::nullopt;
  hasher_.update(room.first(length_of(next_)));
  return next_++;
}

bool LargeUpload::read_chunk(std::uint64_t index, ByteSpan room) {
  const ByteSpan bytes = room.first(length_of(index));
  const auto got = disk::read_at(source_.fd.get(), bytes, index * ready_.chunk_size);
  if (!got) outcome_ = fail(got.error());
  if (got && *got < bytes.size()) outcome_ = fail(ErrorCode::changed);
  return outcome_.has_value();
}

net::Task<> LargeUpload::send_chunk(Connection& lane, std::uint64_t index, ByteView bytes) {
  native::UploadChunk chunk;
  chunk.upload = ready_.upload;
  chunk.index = index;
  const native::Operation operation = std::move(chunk);
  co_await lane.send(operation, bytes);
  co_await lane.flush();  // to the last byte, while the next chunk is read and hashed here
}

net::Task<> LargeUpload::acknowledge(Connection& lane, Unanswered& in_flight) {
  const auto reply = co_await lane.receive<native::Done>();
  const std::uint64_t index = in_flight.take_oldest();
  if (reply)
    progress_.advance(length_of(index));
  else if (outcome_)
    outcome_ = fail(reply.error());
}

net::Task<Result<native::Receipt>> LargeUpload::commit() {
  native::UploadCommit commit;
  commit.upload = ready_.upload;
  commit.digest = hasher_.digest();
  const native::Operation operation = std::move(commit);
  auto receipt = co_await connection_.call<native::Receipt>(operation);
  if (!receipt) co_return receipt;
  if (auto right = check_receipt(*receipt, source_.info.size, hasher_.digest()); !right)
    co_return fail(right.error());
  co_return receipt;
}

net::Task<> LargeUpload::abandon() {
  native::UploadAbort abort;
  abort.path.bytes = path_;
  const native::Operation operation = std::move(abort);
  (void)co_await connection_.call<native::Done>(operation);
}

}  // namespace sampan::client
