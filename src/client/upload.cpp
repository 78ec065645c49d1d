#include "client/upload.h"

#include <vector>

#include "client/large_upload.h"
#include "client/remote_files.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

// Below it a body costs less than the question whether it fits.
constexpr std::uint64_t asked_size = 32 * 1024;

// A refusal before the bytes flow. The server decides in any case; what it says here is only early.
net::Task<Result<>> ask_for_room(Connection& connection, std::uint64_t size) {
  if (size <= asked_size) co_return Result<>();
  const auto room = co_await quota(connection);
  if (room && room->limit && room->free && *room->free < size)
    co_return fail(Error(ErrorCode::over_quota, Room{size, room->used, *room->limit}));
  co_return Result<>();
}

net::Task<Result<native::Receipt>> put_small(Connection& connection, const Source& source,
                                             std::string remote_path, ProgressSink& progress) {
  if (auto fits = co_await ask_for_room(connection, source.info.size); !fits) co_return fail(fits.error());
  std::vector<std::byte> bytes;
  if (auto read = read_whole(source, bytes); !read) co_return fail(read.error());
  const Digest digest = digest_of(bytes);
  native::Put put;
  put.path.bytes = std::move(remote_path);
  put.digest = digest;
  put.mtime = source.info.mtime;
  put.mode = mode_of(source.info);
  const native::Operation operation = std::move(put);
  co_await connection.send(operation, bytes);
  auto receipt = co_await connection.receive<native::Receipt>();
  if (!receipt) co_return receipt;
  if (auto right = check_receipt(*receipt, bytes.size(), digest); !right) co_return fail(right.error());
  progress.advance(bytes.size());
  co_return receipt;
}

}  // namespace

net::Task<Result<native::Receipt>> upload_file(Connection& connection, const Source& source,
                                               std::string remote_path, ProgressSink& progress) {
  Result<native::Receipt> receipt = fail(ErrorCode::interrupted);
  if (source.info.size <= connection.limits().put_size) {
    progress.begin(remote_path, source.info.size, 0);
    receipt = co_await put_small(connection, source, remote_path, progress);
  } else {
    LargeUpload upload(connection, source, remote_path, progress);
    receipt = co_await upload.run();
  }
  progress.end(receipt ? nullptr : &receipt.error());
  co_return receipt;
}

}  // namespace sampan::client
