#include "client/upload.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "base/system_error.h"
#include "client/remote_files.h"
#include "disk/read_at.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

constexpr std::size_t window = 2;                  // chunks in flight: all that a cut can waste
constexpr std::size_t hash_piece = 256 * 1024;
constexpr std::chrono::minutes commit_patience{10};  // the server syncs the whole file before it answers

bool same_file(const Source& source) {
  struct stat status {};
  if (fstat(source.fd.get(), &status) != 0) return false;
  const disk::FileInfo now = disk::info_of(status);
  return now.size == source.info.size && now.mtime == source.info.mtime;
}

// The digest of [offset, offset + count) goes into `hasher`; changed where the file ends before.
Result<> hash_range(const Source& source, std::uint64_t offset, std::uint64_t count, Hasher& hasher) {
  std::vector<std::byte> buffer(hash_piece);
  while (count != 0) {
    const ByteSpan room = std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(count, hash_piece)));
    const auto got = disk::read_at(source.fd.get(), room, offset);
    if (!got) return fail(got.error());
    if (*got < room.size()) return fail(ErrorCode::changed);
    hasher.update(room);
    offset += *got;
    count -= *got;
  }
  return {};
}

native::Mode mode_of(const Source& source) { return {source.info.mode & 0777U}; }

net::Task<Result<native::Receipt>> put_small(Connection& connection, const Source& source, std::string remote_path,
                                             ProgressSink& progress) {
  std::vector<std::byte> bytes(source.info.size);
  const auto got = disk::read_at(source.fd.get(), bytes, 0);
  if (!got) co_return fail(got.error());
  if (*got < bytes.size() || !same_file(source)) co_return fail(ErrorCode::changed);
  native::Put put;
  put.path.bytes = std::move(remote_path);
  put.digest = digest_of(bytes);
  put.mtime = source.info.mtime;
  put.mode = mode_of(source);
  const native::Operation operation = std::move(put);
  co_await connection.send(operation, bytes);
  auto receipt = co_await connection.receive<native::Receipt>();
  if (receipt) progress.advance(bytes.size());
  co_return receipt;
}

/// One large file on its way.
class LargeUpload {
 public:
  LargeUpload(Connection& connection, const Source& source, std::string remote_path, ProgressSink& progress)
      : connection_(connection), source_(source), path_(std::move(remote_path)), progress_(progress) {}

  net::Task<Result<native::Receipt>> run(std::string name) {
    if (auto there = co_await already_there()) {
      progress_.begin(name, source_.info.size, source_.info.size);
      co_return std::move(*there);
    }
    const Result<> begun = co_await begin();
    if (!begun) co_return fail(begun.error());
    progress_.begin(name, source_.info.size, present_bytes());
    const Result<> sent = co_await send_missing();
    if (!sent) co_return fail(sent.error());
    if (!same_file(source_)) {
      co_await abandon();
      co_return fail(ErrorCode::changed);
    }
    native::UploadCommit commit;
    commit.upload = ready_.upload;
    commit.digest = hasher_.digest();
    const native::Operation operation = std::move(commit);
    connection_.set_silence(commit_patience);
    auto receipt = co_await connection_.call<native::Receipt>(operation);
    connection_.set_silence(silence);
    co_return receipt;
  }

 private:
  // The answer to an earlier commit may have been lost on the way: the same size and time, and then the same digest.
  net::Task<std::optional<native::Receipt>> already_there() {
    const auto entry = co_await stat_file(connection_, path_);
    if (!entry || entry->type != "file" || entry->size != source_.info.size || entry->mtime != source_.info.mtime)
      co_return std::nullopt;
    const auto remote = co_await digest_file(connection_, path_);
    Hasher mine;
    if (!remote || !hash_range(source_, 0, source_.info.size, mine) || mine.digest() != remote->digest) co_return std::nullopt;
    native::Receipt receipt;
    receipt.path.bytes = path_;
    receipt.size = source_.info.size;
    receipt.digest = remote->digest;
    receipt.mtime = source_.info.mtime;
    co_return receipt;
  }

  net::Task<Result<>> begin() {
    native::UploadBegin begin;
    begin.path.bytes = path_;
    begin.size = source_.info.size;
    begin.mtime = source_.info.mtime;
    begin.mode = mode_of(source_);
    const native::Operation operation = std::move(begin);
    connection_.set_silence(commit_patience);  // the server hashes what it has
    auto ready = co_await connection_.call<native::UploadReady>(operation);
    connection_.set_silence(silence);
    if (!ready) co_return fail(ready.error());
    ready_ = std::move(*ready);
    if (ready_.chunk_size == 0 || ready_.chunk_size > connection_.limits().chunk_size)
      throw net::StreamError(Error(ErrorCode::bad_request, "a chunk size beyond the server's own limit"));
    co_return compare_runs();
  }

  // What the server has is skipped only where the bytes here are the same: a changed source is never spliced.
  Result<> compare_runs() {
    const std::uint64_t chunks = (source_.info.size - 1) / ready_.chunk_size + 1;
    present_.assign(chunks, false);
    for (const native::Run& run : ready_.have) {
      if (run.first >= chunks || run.count > chunks - run.first) continue;
      const std::uint64_t offset = run.first * ready_.chunk_size;
      const std::uint64_t count = std::min(run.count * ready_.chunk_size, source_.info.size - offset);
      Hasher hasher;
      if (auto hashed = hash_range(source_, offset, count, hasher); !hashed) return hashed;
      if (hasher.digest() != run.digest) continue;
      std::fill_n(present_.begin() + static_cast<std::ptrdiff_t>(run.first), run.count, true);
      if (run.first == 0) {
        hasher_ = hasher;  // one pass over the file in all
        next_ = run.count;
      }
    }
    return {};
  }

  std::uint64_t length_of(std::uint64_t index) const {
    return std::min<std::uint64_t>(ready_.chunk_size, source_.info.size - index * ready_.chunk_size);
  }
  std::uint64_t present_bytes() const {
    std::uint64_t bytes = 0;
    for (std::uint64_t i = 0; i < present_.size(); ++i)
      if (present_[i]) bytes += length_of(i);
    return bytes;
  }

  net::Task<Result<>> send_missing() {
    std::vector<std::byte> buffer(ready_.chunk_size);
    Result<> outcome;
    for (; outcome && next_ < present_.size(); ++next_) {
      const ByteSpan bytes = std::span(buffer).first(length_of(next_));
      const auto got = disk::read_at(source_.fd.get(), bytes, next_ * ready_.chunk_size);
      if (!got) outcome = fail(got.error());
      if (got && *got < bytes.size()) outcome = fail(ErrorCode::changed);
      if (!outcome) break;
      hasher_.update(bytes);
      if (present_[next_]) continue;
      if (in_flight_.size() == window) outcome = co_await acknowledge();
      if (!outcome) break;
      native::UploadChunk chunk;
      chunk.upload = ready_.upload;
      chunk.index = next_;
      const native::Operation operation = std::move(chunk);
      co_await connection_.send(operation, bytes);
      in_flight_.push_back(bytes.size());
    }
    while (!in_flight_.empty()) {
      Result<> last = co_await acknowledge();
      if (outcome) outcome = std::move(last);
    }
    const bool source_changed = !outcome && outcome.error().code() == ErrorCode::changed;
    if (source_changed) co_await abandon();
    co_return outcome;
  }

  net::Task<Result<>> acknowledge() {
    const auto reply = co_await connection_.receive<native::Done>();
    const std::uint64_t bytes = in_flight_.front();
    in_flight_.erase(in_flight_.begin());
    if (!reply) co_return fail(reply.error());
    progress_.advance(bytes);
    co_return Result<>();
  }

  // What is staged belongs to a file that no longer exists.
  net::Task<> abandon() {
    native::UploadAbort abort;
    abort.path.bytes = path_;
    const native::Operation operation = std::move(abort);
    const auto ignored = co_await connection_.call<native::Done>(operation);
    (void)ignored;
  }

  Connection& connection_;
  const Source& source_;
  std::string path_;
  ProgressSink& progress_;
  native::UploadReady ready_;
  Hasher hasher_;
  std::vector<bool> present_;
  std::uint64_t next_ = 0;  // the first chunk not yet in hasher_
  std::vector<std::uint64_t> in_flight_;
};

}  // namespace

Result<Source> open_source(const std::string& path) {
  Source source;
  source.fd.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!source.fd) return fail(system_error(errno, "open"));
  struct stat status {};
  if (fstat(source.fd.get(), &status) != 0) return fail(system_error(errno, "stat"));
  source.info = disk::info_of(status);
  if (source.info.type == disk::FileType::directory) return fail(ErrorCode::is_a_directory, "use -r for directories");
  if (source.info.type != disk::FileType::file) return fail(ErrorCode::not_a_file);
  return source;
}

Result<Source> spool(int from) {
  const char* chosen = std::getenv("TMPDIR");
  const std::string directory = chosen != nullptr && *chosen != '\0' ? chosen : "/tmp";
  Source source;
  source.fd.reset(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!source.fd) return fail(system_error(errno, "spool in " + directory));
  std::vector<std::byte> buffer(hash_piece);
  for (std::uint64_t size = 0;;) {
    const ssize_t got = read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error(errno, "read"));
    if (got == 0) break;
    if (auto written = disk::write_at(source.fd.get(), ByteView(buffer).first(static_cast<std::size_t>(got)), size); !written)
      return fail(written.error());
    size += static_cast<std::uint64_t>(got);
  }
  struct stat status {};
  if (fstat(source.fd.get(), &status) != 0) return fail(system_error(errno, "stat"));
  source.info = disk::info_of(status);
  source.info.mode = 0644;
  return source;
}

net::Task<Result<native::Receipt>> upload_file(Connection& connection, const Source& source, std::string remote_path,
                                               ProgressSink& progress) {
  const std::string name = remote_path;
  Result<native::Receipt> receipt = fail(ErrorCode::interrupted);
  if (source.info.size <= connection.limits().put_size) {
    progress.begin(name, source.info.size, 0);
    receipt = co_await put_small(connection, source, std::move(remote_path), progress);
  } else {
    LargeUpload upload(connection, source, std::move(remote_path), progress);
    receipt = co_await upload.run(name);
  }
  progress.end(receipt ? nullptr : &receipt.error());
  co_return receipt;
}

}  // namespace sampan::client
