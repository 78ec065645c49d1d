#include "client/download.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "base/system_error.h"
#include "client/landing.h"
#include "client/large_download.h"
#include "client/remote_pieces.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

std::uint64_t bytes_present(const disk::PartFile& part) {
  std::uint64_t bytes = 0;
  for (std::uint64_t i = 0; i < part.plan().chunk_count(); ++i)
    if (part.has(i)) bytes += part.plan().chunk_length(i);
  return bytes;
}

net::Task<Result<>> fetch_large(Connection& connection, const native::GetReady& file, Landing& landing,
                                const std::string& remote_path, ProgressSink& progress) {
  RemotePieces pieces(connection, file);
  const auto part = landing.part_for(file, pieces.piece_size());
  if (!part) {
    co_await pieces.end();
    co_return fail(part.error());
  }
  progress.begin(remote_path, file.size, bytes_present(**part));
  LargeDownload download(connection, pieces, file, remote_path, **part, progress);
  const Result<> outcome = co_await download.run();
  co_await pieces.end();
  if (!outcome) co_return outcome;
  const auto digest = (*part)->digest();
  if (!digest) co_return fail(digest.error());
  if (*digest == file.digest) co_return landing.publish_part();
  landing.discard();
  co_return fail(ErrorCode::wrong_digest);
}

Result<> keep_small(const native::GetReady& file, ByteView bytes, const disk::Directory& directory,
                    const std::string& name, Landing& landing) {
  auto staged = landing.stage(file, bytes);
  if (!staged) return fail(staged.error());
  if (auto synced = staged->sync(); !synced) return synced;
  if (auto published = staged->publish(directory); !published) return published;
  landing.discard();  // of an earlier attempt, when the file was a large one
  return directory.sync_parent(name);
}

net::Task<Result<Fetched>> attempt(Connection& connection, const std::string& remote_path,
                                   const disk::Directory& directory, const std::string& name,
                                   ProgressSink& progress) {
  Landing landing(directory, name);
  Result<> outcome = landing.check();
  // Before the server has opened the file: it does not wait while a large part is hashed here.
  if (outcome) outcome = landing.take_up();
  if (!outcome) co_return fail(outcome.error());
  std::vector<std::byte> body;
  const auto file = co_await get_file(connection, remote_path, body);
  if (!file) {
    if (file.error().code() == ErrorCode::not_found) landing.discard();
    co_return fail(file.error());
  }
  if (file->download) {
    outcome = co_await fetch_large(connection, *file, landing, remote_path, progress);
  } else {
    progress.begin(remote_path, file->size, 0);
    outcome = keep_small(*file, body, directory, name, landing);
    if (outcome) progress.advance(body.size());
  }
  if (!outcome) co_return fail(outcome.error());
  const Fetched fetched = {file->size, file->digest, file->mtime};
  co_return fetched;
}

/// Writes to a descriptor whose reader may take its time (a pipe into a pager): never waits in the kernel for
/// longer than it takes to keep the session alive.
class Output {
 public:
  Output(int fd, RemotePieces* pieces) : fd_(fd), pieces_(pieces) {}

  net::Task<Result<>> write(ByteView bytes) {
    while (!bytes.empty()) {
      pollfd waited = {fd_, POLLOUT, 0};
      const int ready = poll(&waited, 1, static_cast<int>(patience.count()));
      if (ready < 0 && errno != EINTR) co_return fail(system_error(errno, "write"));
      if (ready <= 0) {
        if (pieces_ != nullptr) co_await pieces_->keep_alive();
        continue;
      }
      // No more than a pipe that is ready surely takes (PIPE_BUF, POSIX): what is more would wait in write().
      const std::size_t now = std::min<std::size_t>(bytes.size(), PIPE_BUF);
      const ssize_t put = ::write(fd_, bytes.data(), now);
      if (put < 0 && errno != EINTR && errno != EAGAIN) co_return fail(system_error(errno, "write"));
      if (put > 0) bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    co_return Result<>();
  }

 private:
  static constexpr std::chrono::milliseconds patience{1'000};
  int fd_;
  RemotePieces* pieces_;  // none where nothing is open at the server
};

net::Task<Result<>> pour(RemotePieces& pieces, Output& output, Hasher& hasher, ProgressSink& progress) {
  std::vector<std::byte> bytes;
  Result<> outcome;
  for (std::uint64_t next = 0; outcome && (next < pieces.piece_count() || !pieces.is_empty());) {
    if (next < pieces.piece_count() && !pieces.is_full()) {
      co_await pieces.ask(next++);
      continue;
    }
    outcome = co_await pieces.take(bytes);
    if (!outcome) break;
    hasher.update(bytes);
    outcome = co_await output.write(bytes);
    if (outcome) progress.advance(bytes.size());
  }
  co_await pieces.end();
  co_return outcome;
}

}  // namespace

net::Task<Result<Fetched>> download_file(Connection& connection, std::string remote_path,
                                         const disk::Directory& directory, std::string name,
                                         ProgressSink& progress) {
  Result<Fetched> fetched = co_await attempt(connection, remote_path, directory, name, progress);
  // A damaged part is gone by now, so the second try starts clean; a file that is being rewritten gets one
  // more chance too.
  const bool again = !fetched && (fetched.error().code() == ErrorCode::wrong_digest ||
                                  fetched.error().code() == ErrorCode::changed);
  if (again) fetched = co_await attempt(connection, remote_path, directory, name, progress);
  progress.end(fetched ? nullptr : &fetched.error());
  co_return fetched;
}

net::Task<Result<Fetched>> download_to(Connection& connection, std::string remote_path, int to,
                                       ProgressSink& progress) {
  std::vector<std::byte> body;
  const auto file = co_await get_file(connection, remote_path, body);
  if (!file) {
    progress.end(&file.error());
    co_return fail(file.error());
  }
  progress.begin(remote_path, file->size, 0);
  Hasher hasher;
  Result<> outcome;
  if (file->download) {
    RemotePieces pieces(connection, *file);
    Output output(to, &pieces);
    outcome = co_await pour(pieces, output, hasher, progress);
  } else {
    Output output(to, nullptr);
    hasher.update(body);
    outcome = co_await output.write(body);
    if (outcome) progress.advance(body.size());
  }
  if (outcome && hasher.digest() != file->digest) outcome = fail(ErrorCode::wrong_digest);
  progress.end(outcome ? nullptr : &outcome.error());
  if (!outcome) co_return fail(outcome.error());
  const Fetched fetched = {file->size, file->digest, file->mtime};
  co_return fetched;
}

}  // namespace sampan::client
