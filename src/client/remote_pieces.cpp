#include "client/remote_pieces.h"

#include <algorithm>

namespace sampan::client {

namespace native = wire::native;

namespace {

constexpr std::uint64_t piece_most = 256 * 1024;
constexpr std::uint64_t piece_least = 1024;

[[noreturn]] void broken(const char* why) {
  throw net::StreamError(Error(ErrorCode::bad_request, why));
}

}  // namespace

net::Task<Result<native::GetReady>> get_file(Connection& connection, std::string remote_path,
                                             std::vector<std::byte>& body) {
  native::Get get;
  get.path.bytes = std::move(remote_path);
  const native::Operation operation = std::move(get);
  co_await connection.send(operation);
  co_return co_await receive_file(connection, body);
}

net::Task<Result<native::GetReady>> receive_file(Connection& connection, std::vector<std::byte>& body) {
  auto file = co_await connection.receive<native::GetReady>(body, connection.limits().put_size);
  if (file && file->size > INT64_MAX) broken("a size that no file has");
  if (file && !file->download && body.size() != file->size) broken("a body of another size than the file");
  co_return file;
}

RemotePieces::RemotePieces(Connection& connection, const native::GetReady& file)
    : connection_(connection), download_(file.download.value_or("")), size_(file.size) {
  const std::uint64_t given = std::min(file.chunk_size.value_or(0), connection.limits().chunk_size);
  piece_ = static_cast<std::uint32_t>(std::min(given, piece_most) / piece_least * piece_least);
  if (piece_ == 0) broken("pieces of less than 1 KiB");
}

std::uint64_t RemotePieces::length_of(std::uint64_t index) const {
  return std::min<std::uint64_t>(piece_, size_ - index * piece_);
}

net::Task<> RemotePieces::ask(std::uint64_t index) {
  native::DownloadRead read;
  read.download = download_;
  read.offset = index * piece_;
  read.length = length_of(index);
  const native::Operation operation = std::move(read);
  co_await connection_.send(operation);
  asked_.push_back(length_of(index));
}

net::Task<Result<>> RemotePieces::receive(std::vector<std::byte>& bytes, std::uint64_t length) {
  const auto reply = co_await connection_.receive<native::Done>(bytes, length);
  if (!reply) co_return fail(reply.error());
  if (bytes.size() != length) broken("a piece of another length than was asked for");
  co_return Result<>();
}

net::Task<Result<>> RemotePieces::take(std::vector<std::byte>& bytes) {
  const std::uint64_t length = asked_.front();
  asked_.pop_front();
  if (arrived_.empty()) co_return co_await receive(bytes, length);
  Arrived first = std::move(arrived_.front());
  arrived_.pop_front();
  bytes = std::move(first.bytes);
  co_return std::move(first.outcome);
}

net::Task<> RemotePieces::keep_alive() {
  while (arrived_.size() < asked_.size()) {
    Arrived next;
    next.outcome = co_await receive(next.bytes, asked_[arrived_.size()]);
    arrived_.push_back(std::move(next));
  }
  co_await connection_.keep_alive();
}

net::Task<> RemotePieces::end() {
  std::vector<std::byte> ignored;
  while (!is_empty()) (void)co_await take(ignored);
  native::DownloadEnd end;
  end.download = download_;
  const native::Operation operation = std::move(end);
  (void)co_await connection_.call<native::Done>(operation);
}

}  // namespace sampan::client
