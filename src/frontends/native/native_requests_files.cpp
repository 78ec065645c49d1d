#include <algorithm>
#include <charconv>

#include "frontends/native/native_replies.h"
#include "frontends/native/native_session.h"

namespace sampan::frontends {

namespace native = wire::native;
using storage::VirtualPath;

net::Task<> NativeSession::handle(const Request& request, native::Stat& message) {
  co_await skip_body(request);
  const auto work = [&]() -> Result<storage::Entry> {
    const auto path = VirtualPath::parse(message.path.bytes);
    if (!path) return fail(path.error());
    return home_->stat(*path);
  };
  const Result<storage::Entry> entry = co_await on_pool(request, work);
  if (!entry) {
    co_await refuse(request, entry.error());
    co_return;
  }
  const native::Entry reply_message = entry_message(*entry);
  co_await reply(request, reply_message);
}

net::Task<> NativeSession::handle(const Request& request, native::List& message) {
  co_await skip_body(request);
  std::int64_t cursor = 0;
  if (message.cursor) {
    const std::string& text = *message.cursor;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), cursor);
    if (status != std::errc() || end != text.data() + text.size() || cursor <= 0) {
      co_await refuse(request, Error(ErrorCode::invalid, "a cursor that no page has given"));
      co_return;
    }
  }
  const std::size_t limit =
      std::clamp<std::uint64_t>(message.limit.value_or(list_entries_max), 1, list_entries_max);
  const auto work = [&]() -> Result<storage::EntryPage> {
    const auto path = VirtualPath::parse(message.path.bytes);
    if (!path) return fail(path.error());
    return home_->list(*path, cursor, limit);
  };
  const Result<storage::EntryPage> page = co_await on_pool(request, work);
  if (!page) {
    co_await refuse(request, page.error());
    co_return;
  }
  std::vector<native::Entry> entries;
  entries.reserve(page->entries.size());
  for (const storage::Entry& entry : page->entries) entries.push_back(entry_message(entry));
  const std::string body = native::encode_array(entries);
  native::Page reply_message;
  if (page->next != 0) reply_message.next = std::to_string(page->next);
  std::string frame = native::encode_reply(request.id, reply_message, body.size());
  co_await send(std::move(frame));
  co_await stream_->write(as_bytes(body));
}

net::Task<> NativeSession::handle(const Request& request, native::MakeDirectory&) {
  co_await skip_body(request);
  const auto requests = take_group<native::MakeDirectory>({request, {}});
  const auto work = [&] {
    const auto directory_of = [](const WholeRequest& member) -> Result<storage::NewDirectory> {
      const auto& message = member.message<native::MakeDirectory>();
      auto path = VirtualPath::parse(message.path.bytes);
      if (!path) return fail(path.error());
      return storage::NewDirectory{std::move(*path), message.mode ? message.mode->bits : 0755,
                                   message.parents.value_or(false)};
    };
    const RequestGroup<storage::NewDirectory> group(requests, directory_of);
    const auto done = [](const Result<>&) { return native::Done(); };
    return group.answers(home_->make_directories(group.items), done);
  };
  co_await stream_->flush();  // the answers to the group before
  const std::vector<std::string> frames = co_await on_pool(request, work);
  for (const std::string& frame : frames) co_await stream_->write(as_bytes(frame));
}

net::Task<> NativeSession::handle(const Request& request, native::RemoveDirectory& message) {
  co_await skip_body(request);
  const auto work = [&]() -> Result<> {
    const auto path = VirtualPath::parse(message.path.bytes);
    if (!path) return fail(path.error());
    return home_->remove_directory(*path);
  };
  co_await answer_done(request, work);
}

net::Task<> NativeSession::handle(const Request& request, native::Remove& message) {
  co_await skip_body(request);
  const auto work = [&]() -> Result<> {
    const auto path = VirtualPath::parse(message.path.bytes);
    if (!path) return fail(path.error());
    return home_->remove_file(*path);
  };
  co_await answer_done(request, work);
}

net::Task<> NativeSession::handle(const Request& request, native::Rename& message) {
  co_await skip_body(request);
  const auto work = [&]() -> Result<> {
    const auto from = VirtualPath::parse(message.from.bytes);
    if (!from) return fail(from.error());
    const auto to = VirtualPath::parse(message.to.bytes);
    if (!to) return fail(to.error());
    return home_->rename(*from, *to, message.replace.value_or(false));
  };
  co_await answer_done(request, work);
}

net::Task<> NativeSession::handle(const Request& request, native::SetAttributes& message) {
  co_await skip_body(request);
  const auto work = [&]() -> Result<> {
    const auto path = VirtualPath::parse(message.path.bytes);
    if (!path) return fail(path.error());
    const auto mode = message.mode ? std::optional(message.mode->bits) : std::nullopt;
    return home_->set_attributes(*path, message.mtime, mode);
  };
  co_await answer_done(request, work);
}

net::Task<> NativeSession::handle(const Request& request, native::DigestOf& message) {
  co_await skip_body(request);
  native::DigestReply reply_message;
  const auto work = [&]() -> Result<> {
    const auto path = VirtualPath::parse(message.path.bytes);
    if (!path) return fail(path.error());
    const auto file = home_->open_file(*path);
    if (!file) return fail(file.error());
    const auto digest = (*file)->digest();
    if (!digest) return fail(digest.error());
    reply_message.digest = *digest;
    reply_message.size = (*file)->entry().size;
    return {};
  };
  const Result<> outcome = co_await on_pool(request, work);
  if (!outcome) {
    co_await refuse(request, outcome.error());
    co_return;
  }
  co_await reply(request, reply_message);
}

net::Task<> NativeSession::handle(const Request& request, native::Quota&) {
  co_await skip_body(request);
  const storage::Usage used = home_->used();
  const storage::QuotaLimits limits = home_->limits();
  native::QuotaReply reply_message;
  reply_message.used = used.bytes;
  reply_message.files = used.files;
  reply_message.limit = limits.bytes;
  reply_message.max_files = limits.files;
  if (limits.bytes) reply_message.free = *limits.bytes > used.bytes ? *limits.bytes - used.bytes : 0;
  co_await reply(request, reply_message);
}

}  // namespace sampan::frontends
