#include "base/random.h"
#include "frontends/native/native_replies.h"
#include "frontends/native/native_session.h"

namespace sampan::frontends {

namespace native = wire::native;
using storage::VirtualPath;

net::Task<> NativeSession::handle(const Request& request, native::Get& message) {
  co_await skip_body(request);
  std::shared_ptr<storage::StoredFile> file;
  native::GetReady reply_message;
  const auto work = [&]() -> Result<> {
    const auto path = VirtualPath::parse(message.path.bytes);
    if (!path) return fail(path.error());
    auto opened = home_->open_file(*path);
    if (!opened) return fail(opened.error());
    file = std::move(*opened);
    const auto digest = file->digest();
    if (!digest) return fail(digest.error());
    if (message.if_digest && *message.if_digest != *digest) return fail(ErrorCode::changed);
    reply_message.size = file->entry().size;
    reply_message.mtime = file->entry().mtime;
    reply_message.mode.bits = file->entry().mode;
    reply_message.digest = *digest;
    if (reply_message.size > put_size_max) return {};
    body_.resize(reply_message.size);
    const auto got = file->read(body_, 0);
    if (!got) return fail(got.error());
    return *got == body_.size() ? Result<>() : fail(ErrorCode::changed);
  };
  const Result<> outcome = co_await on_pool(request, work);
  if (!outcome) {
    co_await refuse(request, outcome.error());
    co_return;
  }
  if (reply_message.size <= put_size_max) {
    std::string frame = native::encode_reply(request.id, reply_message, body_.size());
    co_await send(std::move(frame));
    co_await stream_->write(body_);
    co_return;
  }
  if (downloads_.size() >= open_transfers_max) {
    co_await refuse(request, Error(ErrorCode::busy, "too many downloads at once in one session"));
    co_return;
  }
  reply_message.download = random_token();
  reply_message.chunk_size = chunk_size_max;
  downloads_.emplace(*reply_message.download, std::move(file));
  co_await reply(request, reply_message);
}

// Into body_.
net::Task<Result<>> NativeSession::read_piece(const Request& request, const storage::StoredFile& file,
                                              const native::DownloadRead& wanted) {
  body_.resize(wanted.length);
  // To take what the kernel has in memory costs less than to ask another thread for it.
  if (file.read_now(body_, wanted.offset)) co_return Result<>();
  co_await stream_->flush();  // the piece before, to its last byte, goes while this one is read
  const auto work = [&]() -> Result<> {
    const auto got = file.read(body_, wanted.offset);
    if (!got) return fail(got.error());
    return *got == body_.size() ? Result<>() : fail(ErrorCode::changed);
  };
  co_return co_await on_pool(request, work);
}

net::Task<> NativeSession::handle(const Request& request, native::DownloadRead& message) {
  co_await skip_body(request);
  const auto held = downloads_.find(message.download);
  if (held == downloads_.end()) {
    co_await refuse(request, ErrorCode::no_such_transfer);
    co_return;
  }
  const std::uint64_t size = held->second->entry().size;
  if (message.length > chunk_size_max || message.offset > size || message.length > size - message.offset) {
    co_await refuse(request,
                    Error(ErrorCode::invalid, "a range of at most chunk_size bytes inside the file"));
    co_return;
  }
  const Result<> outcome = co_await read_piece(request, *held->second, message);
  if (!outcome) {
    co_await refuse(request, outcome.error());
    co_return;
  }
  const native::Done done;
  std::string frame = native::encode_reply(request.id, done, body_.size());
  co_await send(std::move(frame));
  co_await stream_->write(body_);
}

net::Task<> NativeSession::handle(const Request& request, native::DownloadEnd& message) {
  co_await skip_body(request);
  if (downloads_.erase(message.download) == 0) {
    co_await refuse(request, ErrorCode::no_such_transfer);
    co_return;
  }
  const native::Done done;
  co_await reply(request, done);
}

}  // namespace sampan::frontends
