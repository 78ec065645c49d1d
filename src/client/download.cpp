#include "client/download.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/system_error.h"
#include "disk/part_file.h"
#include "disk/small_file.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

constexpr std::size_t window = 2;  // pieces in flight: all that a cut can waste
constexpr std::chrono::minutes patience{30};  // the server may have to hash the file before it answers

net::Task<Result<native::GetReady>> get(Connection& connection, std::string remote_path, std::vector<std::byte>& body) {
  native::Get get;
  get.path.bytes = std::move(remote_path);
  const native::Operation operation = std::move(get);
  co_await connection.send(operation);
  connection.set_silence(patience);
  auto ready = co_await connection.receive<native::GetReady>(body, connection.limits().put_size);
  connection.set_silence(silence);
  const bool whole = !ready || ready->download || body.size() == ready->size;
  if (!whole) throw net::StreamError(Error(ErrorCode::bad_request, "a body of another size than the file"));
  co_return ready;
}

/// Reads the pieces of an open download in order, a window of them in flight.
class Pieces {
 public:
  Pieces(Connection& connection, const native::GetReady& ready)
      : connection_(connection), download_(*ready.download), size_(ready.size),
        piece_(std::clamp<std::uint64_t>(ready.chunk_size.value_or(1), 1, connection.limits().chunk_size)) {}

  std::uint64_t piece_size() const { return piece_; }

  net::Task<> ask(std::uint64_t offset) {
    native::DownloadRead read;
    read.download = download_;
    read.offset = offset;
    read.length = std::min(piece_, size_ - offset);
    const native::Operation operation = std::move(read);
    co_await connection_.send(operation);
    ++in_flight_;
  }
  bool full() const { return in_flight_ == window; }
  bool idle() const { return in_flight_ == 0; }
  net::Task<Result<>> take(std::vector<std::byte>& bytes) {
    const auto reply = co_await connection_.receive<native::Done>(bytes, piece_);
    --in_flight_;
    if (!reply) co_return fail(reply.error());
    co_return Result<>();
  }
  // Lets the server forget the file, whatever became of it.
  net::Task<> end() {
    std::vector<std::byte> ignored;
    while (!idle()) (void)co_await take(ignored);
    native::DownloadEnd end;
    end.download = download_;
    const native::Operation operation = std::move(end);
    (void)co_await connection_.call<native::Done>(operation);
  }

 private:
  Connection& connection_;
  std::string download_;
  std::uint64_t size_;
  std::uint64_t piece_;
  std::size_t in_flight_ = 0;
};

// Where the part of this download lies between attempts: hidden, and the same name each time.
std::string part_name(const Connection& connection, const std::string& remote_path, const std::string& name) {
  const std::string key = connection.address().text() + '\0' + remote_path + '\0' + name;
  return ".sampan-" + digest_of(as_bytes(key)).hex().substr(0, 24);
}

Result<disk::PartFile> open_part(const disk::Directory& directory, const std::string& name, const native::GetReady& ready,
                                 std::uint64_t piece) {
  auto earlier = disk::PartFile::open(directory, name);
  const bool same = earlier && earlier->plan().tag == ready.digest.text() && earlier->plan().size == ready.size &&
                    earlier->plan().chunk_size == piece;
  if (same) {
    earlier->set_attributes(ready.mtime, ready.mode.bits);
    return earlier;
  }
  const disk::PartPlan plan = {.target = name,
                               .size = ready.size,
                               .chunk_size = static_cast<std::uint32_t>(piece),
                               .mtime = ready.mtime,
                               .mode = ready.mode.bits,
                               .tag = ready.digest.text()};
  return disk::PartFile::create(directory, name, plan);
}

net::Task<Result<>> fill(Pieces& pieces, disk::PartFile& part, ProgressSink& progress) {
  std::vector<std::uint64_t> asked;
  std::vector<std::byte> bytes;
  Result<> outcome;
  const auto take_one = [&]() -> net::Task<> {
    Result<> taken = co_await pieces.take(bytes);
    const std::uint64_t index = asked.front();
    asked.erase(asked.begin());
    if (taken) taken = part.write_chunk(index, bytes, std::nullopt);
    if (taken) progress.advance(bytes.size());
    if (outcome) outcome = std::move(taken);
  };
  for (std::uint64_t index = 0; outcome && index < part.plan().chunk_count(); ++index) {
    if (part.has(index)) continue;
    if (pieces.full()) co_await take_one();
    if (!outcome) break;
    co_await pieces.ask(part.plan().chunk_offset(index));
    asked.push_back(index);
  }
  while (!asked.empty()) co_await take_one();
  co_return outcome;
}

Result<> publish(disk::PartFile& part, const disk::Directory& directory, const std::string& name) {
  if (auto sealed = part.seal(true); !sealed) return sealed;
  if (auto published = part.publish(directory, name); !published) return published;
  return directory.sync_parent(name);
}

net::Task<Result<>> fetch_large(Connection& connection, const std::string& remote_path, const native::GetReady& ready,
                                const disk::Directory& directory, const std::string& name, ProgressSink& progress) {
  Pieces pieces(connection, ready);
  auto part = open_part(directory, part_name(connection, remote_path, name), ready, pieces.piece_size());
  if (!part) {
    co_await pieces.end();
    co_return fail(part.error());
  }
  progress.begin(remote_path, ready.size, std::min(ready.size, part->chunks_present() * pieces.piece_size()));
  Result<> outcome = co_await fill(pieces, *part, progress);
  co_await pieces.end();
  if (!outcome) co_return outcome;
  const auto digest = part->digest();
  if (!digest) co_return fail(digest.error());
  if (*digest != ready.digest) {
    (void)part->discard();
    co_return fail(ErrorCode::wrong_digest);
  }
  co_return publish(*part, directory, name);
}

Result<> keep_small(const native::GetReady& ready, ByteView bytes, const disk::Directory& directory, const std::string& staged,
                    const std::string& name) {
  if (digest_of(bytes) != ready.digest) return fail(ErrorCode::wrong_digest);
  (void)directory.remove_file(staged + std::string(disk::small_file_suffix));  // of a process that was killed
  auto file = disk::SmallFile::write(directory, staged, bytes, ready.mode.bits, ready.mtime);
  if (!file) return fail(file.error());
  if (auto synced = file->sync(); !synced) return synced;
  if (auto published = file->publish(directory, name); !published) return published;
  return directory.sync_parent(name);
}

net::Task<Result<Fetched>> attempt(Connection& connection, const std::string& remote_path, const disk::Directory& directory,
                                   const std::string& name, ProgressSink& progress) {
  std::vector<std::byte> body;
  const auto ready = co_await get(connection, remote_path, body);
  if (!ready) co_return fail(ready.error());
  Result<> outcome;
  if (ready->download) {
    outcome = co_await fetch_large(connection, remote_path, *ready, directory, name, progress);
  } else {
    progress.begin(remote_path, ready->size, 0);
    outcome = keep_small(*ready, body, directory, part_name(connection, remote_path, name), name);
    if (outcome) progress.advance(body.size());
  }
  if (!outcome) co_return fail(outcome.error());
  const Fetched fetched = {ready->size, ready->digest, ready->mtime};
  co_return fetched;
}

Result<> write_all(int to, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(to, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(system_error(errno, "write"));
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace

net::Task<Result<Fetched>> download_file(Connection& connection, std::string remote_path, const disk::Directory& directory,
                                         std::string name, ProgressSink& progress) {
  Result<Fetched> fetched = co_await attempt(connection, remote_path, directory, name, progress);
  // A damaged part is gone by now, so the second try starts clean; a file that is being rewritten gets one more chance too.
  const bool again = !fetched && (fetched.error().code() == ErrorCode::wrong_digest || fetched.error().code() == ErrorCode::changed);
  if (again) fetched = co_await attempt(connection, remote_path, directory, name, progress);
  progress.end(fetched ? nullptr : &fetched.error());
  co_return fetched;
}

net::Task<Result<Fetched>> download_to(Connection& connection, std::string remote_path, int to, ProgressSink& progress) {
  std::vector<std::byte> body;
  const auto ready = co_await get(connection, remote_path, body);
  if (!ready) co_return fail(ready.error());
  progress.begin(remote_path, ready->size, 0);
  Hasher hasher;
  Result<> outcome;
  const auto pass_on = [&] {
    hasher.update(body);
    outcome = write_all(to, body);
    if (outcome) progress.advance(body.size());
  };
  if (!ready->download) {
    pass_on();
  } else {
    Pieces pieces(connection, *ready);
    std::uint64_t next = 0;
    while (outcome && (next < ready->size || !pieces.idle())) {
      if (next < ready->size && !pieces.full()) {
        co_await pieces.ask(next);
        next += pieces.piece_size();
        continue;
      }
      outcome = co_await pieces.take(body);
      if (outcome) pass_on();
    }
    co_await pieces.end();
  }
  if (outcome && hasher.digest() != ready->digest) outcome = fail(ErrorCode::wrong_digest);
  progress.end(outcome ? nullptr : &outcome.error());
  if (!outcome) co_return fail(outcome.error());
  const Fetched fetched = {ready->size, ready->digest, ready->mtime};
  co_return fetched;
}

}  // namespace sampan::client
