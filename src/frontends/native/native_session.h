#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accounts/account.h"
#include "frontends/native/native_frontend.h"
#include "frontends/native/request_group.h"
#include "login/scram.h"
#include "net/buffered_reader.h"
#include "net/byte_stream.h"
#include "net/deadline.h"
#include "storage/home.h"
#include "wire/native/codec.h"
#include "wire/native/frame.h"

namespace sampan::frontends {

/// One connection's conversation: reads requests in order, makes one storage call of each, answers in order.
/// Lives as long as its run(). Everything on its loop's thread, except that storage calls go through the
/// blocking pool.
class NativeSession {
 public:
  NativeSession(NativeFrontend& frontend, net::EventLoop& loop, std::unique_ptr<net::ByteStream> raw);
  ~NativeSession();
  NativeSession(const NativeSession&) = delete;
  NativeSession& operator=(const NativeSession&) = delete;

  /// The login deadline runs from here on. Throws StreamError.
  net::Task<> start_tls(net::TlsServerContext context);
  /// From the greeting to the end. Throws StreamError.
  net::Task<> run();

  /// On the session's loop: ends it if it is idle or not logged in, else after its transfers.
  void drain();
  /// On the session's loop: ends it now.
  void abort();

  const std::string& description() const { return description_; }

 private:
  using Request = wire::native::Request;

  net::Task<> greet();
  net::Task<bool> serve_next();
  net::Task<std::optional<Request>> read_request();
  net::Task<> end_conversation();
  net::Task<> dispatch(Request& request);
  bool is_idle() const { return waiting_ && uploads_.empty() && downloads_.empty(); }

  /// Whether the account still stands as it was; ends the session where it does not. Its limits are applied
  /// on the way.
  net::Task<Result<>> recheck_account();
  /// The account as it is now, its limits applied to its home. May block: on the pool.
  Result<accounts::Account> look_up(storage::Home& home, const std::string& user) const;

  net::Task<> skip_body(const Request& request) { return reader_->skip(request.body); }
  /// The whole body of a request whose body may be at most `limit`; else it is skipped and invalid.
  net::Task<Result<ByteView>> read_body(const Request& request, std::size_t limit);

  net::Task<> refuse(const Request& request, Error error);
  net::Task<> send(std::string frame) { co_await stream_->write(as_bytes(frame)); }
  template <class T>
  net::Task<> reply(const Request& request, const T& message) {
    return send(wire::native::encode_reply(request.id, message));
  }
  template <class Work>
  auto on_pool(Work& work) {
    return frontend_.services().pool.run(work);
  }
  /// Work for a request that may take long; the peer hears from time to time that it is still being done.
  template <class Work>
  net::Task<std::invoke_result_t<Work&>> on_pool(
      const Request& request, Work& work, std::function<void()> beside = [] {});
  net::Task<> tell_working(const Request& request);
  /// One storage call that answers with nothing but success.
  template <class Work>
  net::Task<> answer_done(
      const Request& request, Work& work, std::function<void()> beside = [] {});

  /// The next request, if it is a Message and has arrived whole; or only if it is buffered.
  template <class Message>
  std::optional<WholeRequest> take_arrived();
  template <class Message>
  std::optional<WholeRequest> take_buffered();
  /// `first` and the ones behind it that are of the same kind and need not be waited for: what they want is
  /// made durable together.
  template <class Message>
  std::vector<WholeRequest> take_group(WholeRequest first);

  // native_requests_login.cpp
  net::Task<> handle(const Request& request, wire::native::Auth& message);
  Result<login::Credential> credential_of(std::string_view name);
  accounts::Caller caller(std::string_view name) const {
    return {std::string(name), stream_->peer_network()};
  }
  net::Task<> finish_login(const Request& request, std::string proof);
  net::Task<> handle(const Request& request, wire::native::Ping& message);
  net::Task<> handle(const Request& request, wire::native::Quit& message);
  // native_requests_files.cpp
  net::Task<> handle(const Request& request, wire::native::Stat& message);
  net::Task<> handle(const Request& request, wire::native::List& message);
  net::Task<> handle(const Request& request, wire::native::MakeDirectory& message);
  net::Task<> handle(const Request& request, wire::native::RemoveDirectory& message);
  net::Task<> handle(const Request& request, wire::native::Remove& message);
  net::Task<> handle(const Request& request, wire::native::Rename& message);
  net::Task<> handle(const Request& request, wire::native::SetAttributes& message);
  net::Task<> handle(const Request& request, wire::native::DigestOf& message);
  net::Task<> handle(const Request& request, wire::native::Quota& message);
  // native_requests_uploads.cpp
  net::Task<> handle(const Request& request, wire::native::Put& message);
  net::Task<> handle(const Request& request, wire::native::UploadBegin& message);
  net::Task<> handle(const Request& request, wire::native::UploadChunk& message);
  net::Task<> handle(const Request& request, wire::native::UploadCommit& message);
  net::Task<> handle(const Request& request, wire::native::UploadList& message);
  net::Task<> handle(const Request& request, wire::native::UploadAbort& message);
  class Puts;
  Result<std::shared_ptr<storage::Upload>> held_upload(const std::string& id);
  // native_requests_downloads.cpp
  net::Task<> handle(const Request& request, wire::native::Get& message);
  net::Task<> handle(const Request& request, wire::native::DownloadRead& message);
  net::Task<Result<>> read_piece(const Request& request, const storage::StoredFile& file,
                                 const wire::native::DownloadRead& wanted);
  net::Task<> handle(const Request& request, wire::native::DownloadEnd& message);

  static constexpr std::size_t group_requests_max = 64;
  static constexpr std::size_t group_bytes_max = 4 * 1024 * 1024;

  NativeFrontend& frontend_;
  net::EventLoop& loop_;
  std::unique_ptr<net::ByteStream> stream_;
  std::optional<net::BufferedReader> reader_;
  std::string description_;
  std::optional<net::Deadline> login_deadline_;
  std::unique_ptr<login::ScramServer> scram_;
  std::optional<accounts::Account> account_;  ///< none before the login
  std::int64_t accounts_revision_ = 0;
  std::shared_ptr<storage::Home> home_;
  std::map<std::string, std::shared_ptr<storage::Upload>> uploads_;
  std::map<std::string, std::shared_ptr<storage::StoredFile>> downloads_;
  std::vector<std::byte> body_;  ///< of the request at hand; given back when the session idles
  bool waiting_ = false;
  bool ending_ = false;
};

template <class Work>
net::Task<std::invoke_result_t<Work&>> NativeSession::on_pool(const Request& request, Work& work,
                                                              std::function<void()> beside) {
  net::BlockingPool::Meanwhile meanwhile;
  meanwhile.beside = std::move(beside);
  // Several times within the silence that a peer bears, which is about ours.
  meanwhile.period = frontend_.limits().transfer_silence / 5;
  meanwhile.tell = [&] { return tell_working(request); };
  co_return co_await frontend_.services().pool.run(work, meanwhile);
}

template <class Work>
net::Task<> NativeSession::answer_done(const Request& request, Work& work, std::function<void()> beside) {
  const Result<> outcome = co_await on_pool(request, work, std::move(beside));
  if (!outcome) {
    co_await refuse(request, outcome.error());
    co_return;
  }
  const wire::native::Done done;
  co_await reply(request, done);
}

template <class Message>
std::optional<WholeRequest> NativeSession::take_arrived() {
  if (auto whole = take_buffered<Message>()) return whole;
  reader_->read_ahead();  // not for each: it moves what is buffered
  return take_buffered<Message>();
}

template <class Message>
std::optional<WholeRequest> NativeSession::take_buffered() {
  const ByteView buffered = reader_->buffered();
  if (buffered.size() < wire::native::frame_prefix) return std::nullopt;
  const auto length = wire::native::decode_header_length(buffered.first(wire::native::frame_prefix));
  if (!length || buffered.size() < wire::native::frame_prefix + *length) return std::nullopt;
  const std::size_t header = wire::native::frame_prefix + *length;
  auto request = wire::native::decode_request(as_text(buffered.subspan(wire::native::frame_prefix, *length)));
  if (!request || !std::holds_alternative<Message>(request->operation)) return std::nullopt;
  if (request->body > buffered.size() - header) return std::nullopt;
  const ByteView body = buffered.subspan(header, request->body);
  WholeRequest whole = {std::move(*request), {body.begin(), body.end()}};
  reader_->consume(header + body.size());
  return whole;
}

template <class Message>
std::vector<WholeRequest> NativeSession::take_group(WholeRequest first) {
  std::size_t bytes = first.body.size();
  std::vector<WholeRequest> group;
  group.push_back(std::move(first));
  while (group.size() < group_requests_max && bytes < group_bytes_max) {
    auto next = take_arrived<Message>();
    if (!next) break;
    bytes += next->body.size();
    group.push_back(std::move(*next));
  }
  return group;
}

}  // namespace sampan::frontends
