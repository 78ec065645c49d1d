#include "frontends/native/native_replies.h"
#include "frontends/native/native_session.h"
#include "wire/native/frame.h"

namespace sampan::frontends {

namespace native = wire::native;
using storage::VirtualPath;

namespace {

constexpr std::uint32_t default_mode = 0644;

Result<storage::FilePlan> plan_of(const native::PathText& text, std::uint64_t size, const FileTime& mtime,
                                  const std::optional<native::Mode>& mode) {
  auto path = VirtualPath::parse(text.bytes);
  if (!path) return fail(path.error());
  return storage::FilePlan{std::move(*path), size, mtime, mode ? mode->bits : default_mode};
}

}  // namespace

/// Puts that share one wait for the disk: written aside, not yet durable.
class NativeSession::Puts {
 public:
  Puts(storage::Home& home, const std::vector<WholeRequest>& requests)
      : home_(home), group_(requests, file_of), staged_(home.stage(group_.items)) {}

  /// The receipts and refusals. `meanwhile` as with Home::publish.
  std::vector<std::string> publish(const std::function<void()>& meanwhile) {
    const auto reply_of = [](const Result<storage::Receipt>& receipt) { return receipt_message(*receipt); };
    return group_.answers(home_.publish(std::move(staged_), meanwhile), reply_of);
  }

 private:
  static Result<storage::WholeFile> file_of(const WholeRequest& member) {
    const auto& message = member.message<native::Put>();
    auto plan = plan_of(message.path, member.body.size(), message.mtime, message.mode);
    if (!plan) return fail(plan.error());
    return storage::WholeFile{std::move(*plan), member.body, message.digest};
  }

  storage::Home& home_;
  RequestGroup<storage::WholeFile> group_;
  std::unique_ptr<storage::Home::StagedGroup> staged_;
};

// Group after group, as long as puts keep coming: while one waits for the disk, the next is written aside.
net::Task<> NativeSession::handle(const Request& request, native::Put&) {
  const Result<ByteView> body = co_await read_body(request, put_size_max);
  if (!body) {
    co_await refuse(request, body.error());
    co_return;
  }
  auto requests = take_group<native::Put>({request, {body->begin(), body->end()}});
  std::optional<Puts> puts;  // of `requests`, where they are written aside already
  while (!requests.empty()) {
    std::vector<WholeRequest> next;
    const Result<> stands = co_await recheck_account();
    // Else the next one is told so, in the ordinary way.
    if (stands && !frontend_.draining())
      if (auto following = take_arrived<native::Put>()) next = take_group<native::Put>(std::move(*following));
    std::optional<Puts> next_puts;
    std::vector<std::string> frames;
    const auto work = [&] {
      if (!puts) puts.emplace(*home_, requests);
      const auto stage_next = [&] { next_puts.emplace(*home_, next); };
      frames = next.empty() ? puts->publish(nullptr) : puts->publish(stage_next);
    };
    co_await stream_->flush();  // the receipts of the group before
    co_await on_pool(requests.front().request, work);
    for (const std::string& frame : frames) co_await stream_->write(as_bytes(frame));
    requests = std::move(next);
    puts.reset();
    if (next_puts) puts.emplace(std::move(*next_puts));
  }
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
