#include "frontends/native/native_replies.h"
#include "frontends/native/native_session.h"
#include "wire/native/frame.h"

namespace sampan::frontends {

namespace native = wire::native;
using storage::VirtualPath;

namespace {

constexpr std::size_t group_files_max = 64;  // puts that share one commit
constexpr std::size_t group_bytes_max = 4 * put_size_max;
constexpr std::uint32_t default_mode = 0644;

Result<storage::FilePlan> plan_of(const native::PathText& text, std::uint64_t size, const FileTime& mtime,
                                  const std::optional<native::Mode>& mode) {
  auto path = VirtualPath::parse(text.bytes);
  if (!path) return fail(path.error());
  return storage::FilePlan{std::move(*path), size, mtime, mode ? mode->bits : default_mode};
}

}  // namespace

/// A put whose bytes are here.
struct NativeSession::IncomingPut {
  std::uint64_t id = 0;
  native::Put message;
  std::vector<std::byte> bytes;
};

// The next request, if it is a put that is buffered whole: then it joins the group at hand instead of waiting
// for it.
std::optional<NativeSession::IncomingPut> NativeSession::take_buffered_put() {
  const ByteView buffered = reader_->buffered();
  if (buffered.size() < native::frame_prefix) return std::nullopt;
  const auto length = native::decode_header_length(buffered.first(native::frame_prefix));
  if (!length || buffered.size() < native::frame_prefix + *length) return std::nullopt;
  auto request = native::decode_request(as_text(buffered.subspan(native::frame_prefix, *length)));
  if (!request || !std::holds_alternative<native::Put>(request->operation)) return std::nullopt;
  const std::size_t header = native::frame_prefix + *length;
  if (request->body > buffered.size() - header) return std::nullopt;
  const ByteView body = buffered.subspan(header, request->body);
  IncomingPut put = {
      request->id, std::get<native::Put>(std::move(request->operation)), {body.begin(), body.end()}};
  reader_->consume(header + body.size());
  return put;
}

net::Task<> NativeSession::handle(const Request& request, native::Put& message) {
  const Result<ByteView> body = co_await read_body(request, put_size_max);
  if (!body) {
    co_await refuse(request, body.error());
    co_return;
  }
  std::vector<IncomingPut> group;
  IncomingPut first = {request.id, std::move(message), {body->begin(), body->end()}};
  std::size_t bytes = body->size();
  group.push_back(std::move(first));
  while (group.size() < group_files_max && bytes < group_bytes_max) {
    auto next = take_buffered_put();
    if (!next) break;
    bytes += next->bytes.size();
    group.push_back(std::move(*next));
  }

  std::vector<std::string> frames;
  const auto work = [&] {
    std::vector<storage::WholeFile> files;
    std::vector<std::optional<Error>> refused;
    for (const IncomingPut& put : group) {
      auto plan = plan_of(put.message.path, put.bytes.size(), put.message.mtime, put.message.mode);
      refused.push_back(plan ? std::nullopt : std::optional(plan.error()));
      if (plan) files.push_back({std::move(*plan), put.bytes, put.message.digest});
    }
    const auto outcomes = home_->put(files);
    auto outcome = outcomes.begin();
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (refused[i]) {
        frames.push_back(native::encode_error(group[i].id, *refused[i]));
        continue;
      }
      frames.push_back(*outcome ? native::encode_reply(group[i].id, receipt_message(**outcome))
                                : native::encode_error(group[i].id, outcome->error()));
      ++outcome;
    }
  };
  co_await stream_->flush();  // the receipts of the group before
  co_await on_pool(request, work);
  for (const std::string& frame : frames) co_await stream_->write(as_bytes(frame));
}

net::Task<> NativeSession::handle(const Request& request, native::UploadBegin& message) {
  co_await skip_body(request);
  // Takeovers and forgotten uploads must not use up the places.
  std::erase_if(uploads_, [](const auto& held) { return held.second->is_over(); });
  if (uploads_.size() >= open_transfers_max) {
    co_await refuse(request, Error(ErrorCode::busy, "too many uploads at once in one session"));
    co_return;
  }
  std::shared_ptr<storage::Upload> upload;
  std::vector<storage::ChunkRun> have;
  const auto work = [&]() -> Result<> {
    const auto plan = plan_of(message.path, message.size, message.mtime, message.mode);
    if (!plan) return fail(plan.error());
    auto begun = home_->begin_upload(*plan);
    if (!begun) return fail(begun.error());
    upload = std::move(*begun);
    auto runs = upload->have();
    if (!runs) return fail(runs.error());
    have = std::move(*runs);
    return {};
  };
  const Result<> outcome = co_await on_pool(request, work);
  if (!outcome) {
    co_await refuse(request, outcome.error());
    co_return;
  }
  uploads_.emplace(upload->id(), upload);
  const native::UploadReady reply_message = upload_ready_message(*upload, have);
  co_await reply(request, reply_message);
}

// Begun here, or by another connection of the same user, which then both hold it.
Result<std::shared_ptr<storage::Upload>> NativeSession::held_upload(const std::string& id) {
  if (const auto held = uploads_.find(id); held != uploads_.end()) return held->second;
  auto found = home_->find_upload(id);
  if (found && uploads_.size() < open_transfers_max) uploads_.emplace(id, *found);
  return found;
}

net::Task<> NativeSession::handle(const Request& request, native::UploadChunk& message) {
  const Result<ByteView> body = co_await read_body(request, chunk_size_max);
  if (!body) {
    co_await refuse(request, body.error());
    co_return;
  }
  const auto upload = held_upload(message.upload);
  if (!upload) {
    co_await refuse(request, upload.error());
    co_return;
  }
  co_await stream_->flush();  // the answer to the chunk before: its sender goes on while this one is written
  const auto work = [&] { return (*upload)->accept(message.index, *body, message.digest); };
  const auto decrypt_the_next = [&] { reader_->read_ahead(); };
  co_await answer_done(request, work, decrypt_the_next);
}

net::Task<> NativeSession::handle(const Request& request, native::UploadCommit& message) {
  co_await skip_body(request);
  const auto upload = held_upload(message.upload);
  if (!upload) {
    co_await refuse(request, upload.error());
    co_return;
  }
  const auto work = [&] { return (*upload)->commit(message.digest); };
  const Result<storage::Receipt> receipt = co_await on_pool(request, work);
  const bool more_to_come = !receipt && receipt.error().code() == ErrorCode::incomplete;
  if (!more_to_come) uploads_.erase(message.upload);
  if (!receipt) {
    co_await refuse(request, receipt.error());
    co_return;
  }
  const native::Receipt reply_message = receipt_message(*receipt);
  co_await reply(request, reply_message);
}

net::Task<> NativeSession::handle(const Request& request, native::UploadList&) {
  co_await skip_body(request);
  const auto work = [&] { return home_->pending_uploads(); };
  const Result<std::vector<storage::PendingUpload>> pending = co_await on_pool(request, work);
  if (!pending) {
    co_await refuse(request, pending.error());
    co_return;
  }
  std::vector<native::UploadEntry> entries;
  for (const storage::PendingUpload& upload : *pending)
    entries.push_back({{upload.path.text()}, upload.size, upload.present, upload.last_activity});
  const std::string body = native::encode_array(entries);
  const native::Uploads reply_message;
  std::string frame = native::encode_reply(request.id, reply_message, body.size());
  co_await send(std::move(frame));
  co_await stream_->write(as_bytes(body));
}

net::Task<> NativeSession::handle(const Request& request, native::UploadAbort& message) {
  co_await skip_body(request);
  const auto work = [&]() -> Result<> {
    const auto path = VirtualPath::parse(message.path.bytes);
    if (!path) return fail(path.error());
    return home_->abort_upload(*path);
  };
  co_await answer_done(request, work);
}

}  // namespace sampan::frontends
