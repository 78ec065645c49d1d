#include <deque>
#include <map>
#include <set>

#include "client/directory_lister.h"
#include "client/lanes.h"
#include "client/local_tree.h"
#include "client/plain_name.h"
#include "client/source.h"
#include "client/tree.h"
#include "client/unanswered.h"
#include "client/upload.h"
#include "client/window.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

// Replies that may wait unread while we send: a few hundred bytes each, well below what the sockets hold.
// Many puts at once are also what the server can make durable together: twice as many as it takes at a time,
// so that the next ones are there when it has done with these.
constexpr std::size_t requests_most = 128;
constexpr std::uint64_t bytes_most = 1024 * 1024;

const std::string root = "/";

/// Sends a tree: directories, then files, then the directories' modes and times.
class TreeUpload {
 public:
  TreeUpload(Connection& connection, const LocalTree& tree, ProgressSink& progress, const OnFailed& on_failed)
      : connection_(connection),
        tree_(tree),
        progress_(progress),
        on_failed_(on_failed),
        lanes_(connection, [this](Connection& lane) { return send_large_files(lane); }) {}

  net::Task<Result<TreeCounts>> run(const std::string& name) {
    co_await make_directories();
    if (first_failure_) co_return fail(*first_failure_);
    progress_.begin(name, tree_.bytes, bytes_there());
    sort_files();
    co_await lanes_.run(send_files());
    while (!returned_.is_empty()) co_await lanes_.run(send_large_files(connection_));
    co_await send_refused();
    for (auto at = tree_.directories.rbegin(); at != tree_.directories.rend(); ++at)
      if (at->remote != root && !failed_.contains(at->remote) && !is_finished(*at))
        co_await send_attributes(*at, true);
    co_await settle();
    co_return counts_;
  }

 private:
  enum class Kind { make, put, set };
  struct Waiting {
    Kind kind = Kind::set;
    const LocalItem* item = nullptr;
    std::uint64_t size = 0;
    Digest digest;  // of a put
  };
  struct Large {
    const LocalItem* item;
    ItemProgress progress;
  };

  void fail_item(const LocalItem& item, const Error& error) {
    ++counts_.failed;
    on_failed_(item.local, error);
  }

  // What is sent beside a file takes room for a while, and what replaces a larger one gives some back: so a
  // file that found none is sent once more, in the end, over one connection.
  void refuse(const LocalItem& file, const Error& error) {
    if (error.code() == ErrorCode::over_quota && !is_last_try_)
      refused_.push_back(&file);
    else
      fail_item(file, error);
  }

  net::Task<> send_refused() {
    is_last_try_ = true;
    for (const LocalItem* file : refused_) co_await send_file(*file);
    co_await settle();
    co_await send_large_files(connection_);
  }

  void fail_directory(const LocalItem& item, const Error& error) {
    failed_.insert(item.remote);
    if (&item == &tree_.directories.front())
      first_failure_ = error;
    else
      fail_item(item, error);
  }

  // In order, so that each stands before the ones below it are asked for.
  net::Task<> make_directories() {
    for (const LocalItem& item : tree_.directories) {
      if (first_failure_) break;
      if (item.remote == root) {  // the home is always there
        existing_.push_back(&item);
        continue;
      }
      native::MakeDirectory make;
      make.path.bytes = item.remote;
      const native::Operation operation = std::move(make);
      const Waiting waiting = {Kind::make, &item, 0, {}};
      co_await send(operation, {}, waiting);
    }
    co_await settle();
    co_await list_existing();
  }

  net::Task<> list_existing() {
    std::erase_if(existing_, [&](const LocalItem* item) { return failed_.contains(item->remote); });
    DirectoryLister lister(connection_);
    auto asked = existing_.begin();
    for (const LocalItem* item : existing_) {
      for (; asked != existing_.end() && !lister.is_full(); ++asked) co_await lister.ask((*asked)->remote);
      auto entries = co_await lister.take();
      if (!entries) {
        fail_directory(*item, entries.error());
        continue;
      }
      auto& names = there_[item->remote];
      for (native::Entry& entry : *entries) names.emplace(entry.name.bytes, std::move(entry));
    }
  }

  // As it was listed; nothing where its directory was not there before.
  const native::Entry* entry_there(const LocalItem& item) const {
    const auto directory = there_.find(parent_of(item.remote));
    if (directory == there_.end()) return nullptr;
    const auto entry = directory->second.find(item.remote.substr(item.remote.rfind('/') + 1));
    return entry == directory->second.end() ? nullptr : &entry->second;
  }

  // By size and time alone, as rsync does: a file that was changed without either is not seen.
  const native::Entry* same_there(const LocalItem& file) const {
    const native::Entry* there = entry_there(file);
    const bool same = there != nullptr && there->type == "file" && there->size == file.info.size &&
                      there->mtime == file.info.mtime;
    return same ? there : nullptr;
  }

  // Whether a directory has its mode and time already, and nothing was sent into it since they were listed.
  bool is_finished(const LocalItem& directory) const {
    const native::Entry* there = entry_there(directory);
    return there != nullptr && there->type == "directory" && there->mtime == directory.info.mtime &&
           there->mode == mode_of(directory.info) && !changed_.contains(directory.remote);
  }

  std::uint64_t bytes_there() const {
    std::uint64_t bytes = 0;
    for (const LocalItem& file : tree_.files)
      if (same_there(file) != nullptr) bytes += file.info.size;
    return bytes;
  }

  // What is there already is not sent; what is large can be sent beside the rest.
  void sort_files() {
    for (const LocalItem& file : tree_.files) {
      if (same_there(file) == nullptr && file.info.size > connection_.limits().put_size)
        large_.push_back({&file, ItemProgress(progress_)});
      else
        small_.push_back(&file);
    }
  }

  net::Task<> send_files() {
    if (large_.size() > 1) co_await lanes_.open_more(1);
    for (const LocalItem* file : small_) co_await send_file(*file);
    co_await settle();
    co_await send_large_files(connection_);
  }

  net::Task<> send_file(const LocalItem& file) {
    if (const native::Entry* there = same_there(file)) {
      ++counts_.skipped;
      counts_.bytes += file.info.size;
      if (there->mode != mode_of(file.info)) co_await send_attributes(file, false);
      co_return;
    }
    const auto source = open_to_send(file);
    if (!source) co_return;
    if (source->info.size <= connection_.limits().put_size)
      co_await send_small(file, *source);
    else  // it has grown
      large_.push_back({&file, ItemProgress(progress_)});
  }

  // Told where it cannot be.
  std::optional<Source> open_to_send(const LocalItem& file) {
    const std::string directory = parent_of(file.remote);
    if (failed_.contains(directory)) {
      fail_item(file, Error(ErrorCode::not_found, "its directory could not be made"));
      return std::nullopt;
    }
    auto source = open_source(file.local);
    if (!source) {
      fail_item(file, source.error());
      return std::nullopt;
    }
    changed_.insert(directory);
    return std::move(*source);
  }

  net::Task<> send_small(const LocalItem& file, const Source& source) {
    if (auto read = read_whole(source, bytes_); !read) {
      fail_item(file, read.error());
      co_return;
    }
    const Waiting waiting = {Kind::put, &file, bytes_.size(), digest_of(bytes_)};
    native::Put put;
    put.path.bytes = file.remote;
    put.digest = waiting.digest;
    put.mtime = source.info.mtime;
    put.mode = mode_of(source.info);
    const native::Operation operation = std::move(put);
    co_await send(operation, bytes_, waiting);
  }

  // One after another; the other connection takes the next one meanwhile, so that the disk and the line need
  // not wait for each other.
  net::Task<> send_large_files(Connection& lane) {
    Unanswered at_work(returned_);
    while (const auto index = take_large()) {
      at_work.add(*index);
      co_await send_large(lane, large_[*index]);
      (void)at_work.take_oldest();
    }
  }

  std::optional<std::uint64_t> take_large() {
    if (const auto index = returned_.take()) return index;
    if (next_large_ == large_.size()) return std::nullopt;
    return next_large_++;
  }

  net::Task<> send_large(Connection& lane, Large& large) {
    const LocalItem& file = *large.item;
    const auto source = open_to_send(file);
    if (!source) co_return;
    const auto receipt = co_await upload_file(lane, *source, file.remote, large.progress);
    if (!receipt) {
      refuse(file, receipt.error());
      co_return;
    }
    ++counts_.files;
    counts_.bytes += receipt->size;
  }

  net::Task<> send_attributes(const LocalItem& item, bool with_time) {
    native::SetAttributes set;
    set.path.bytes = item.remote;
    if (with_time) set.mtime = item.info.mtime;
    set.mode = mode_of(item.info);
    const native::Operation operation = std::move(set);
    const Waiting waiting = {Kind::set, &item, 0, {}};
    co_await send(operation, {}, waiting);
  }

  net::Task<> send(const native::Operation& operation, ByteView body, const Waiting& waiting) {
    while (!window_.has_room_for(waiting.size)) co_await take_reply();
    co_await connection_.send(operation, body);
    window_.sent(waiting.size);
    waiting_.push_back(waiting);
  }

  // Takes all replies that are due.
  net::Task<> settle() {
    while (!waiting_.empty()) co_await take_reply();
  }

  net::Task<> take_reply() {
    const Waiting next = waiting_.front();
    waiting_.pop_front();
    window_.answered(next.size);
    if (next.kind == Kind::put) {
      const auto receipt = co_await connection_.receive<native::Receipt>();
      put_done(next, receipt);
      co_return;
    }
    const auto done = co_await connection_.receive<native::Done>();
    if (done) co_return;
    if (next.kind == Kind::set)
      fail_item(*next.item, done.error());
    else if (done.error().code() == ErrorCode::exists)
      existing_.push_back(next.item);
    else
      fail_directory(*next.item, done.error());
  }

  void put_done(const Waiting& put, const Result<native::Receipt>& receipt) {
    const Result<> right =
        receipt ? check_receipt(*receipt, put.size, put.digest) : Result<>(fail(receipt.error()));
    if (!right) return refuse(*put.item, right.error());
    ++counts_.files;
    counts_.bytes += put.size;
    progress_.advance(put.size);
  }

  Connection& connection_;
  const LocalTree& tree_;
  ProgressSink& progress_;
  const OnFailed& on_failed_;
  TreeCounts counts_;
  std::optional<Error> first_failure_;          // of the tree's own directory: then nothing can be sent
  std::vector<const LocalItem*> existing_;      // directories that were there before
  std::set<std::string, std::less<>> failed_;   // and those that are not there now
  std::set<std::string, std::less<>> changed_;  // and those that something was sent into
  std::map<std::string, std::map<std::string, native::Entry>> there_;  // what is in the existing ones
  std::vector<const LocalItem*> small_;                                // files, and what is there already
  std::deque<Large> large_;                                            // may grow while some are being sent
  std::size_t next_large_ = 0;                                         // the first that nobody has begun
  Returned returned_;                      // those that a lost connection did not bring to an end
  std::vector<const LocalItem*> refused_;  // for want of room
  bool is_last_try_ = false;
  Lanes lanes_;
  Window window_{requests_most, bytes_most};
  std::deque<Waiting> waiting_;
  std::vector<std::byte> bytes_;
};

}  // namespace

net::Task<Result<TreeCounts>> upload_tree(Connection& connection, std::string local, std::string remote,
                                          ProgressSink& progress, OnFailed on_failed) {
  std::uint64_t unreadable = 0;
  const OnFailed counting = [&](const std::string& item, const Error& error) {
    ++unreadable;
    on_failed(item, error);
  };
  const LocalTree tree = walk_local_tree(local, remote, counting);
  TreeUpload upload(connection, tree, progress, on_failed);
  Result<TreeCounts> counts = co_await upload.run(local);
  if (counts) counts->failed += unreadable;
  const bool some_failed = counts && counts->failed != 0;
  const Error why(ErrorCode::incomplete, some_failed ? std::to_string(counts->failed) + " items failed" : "");
  progress.end(!counts ? &counts.error() : some_failed ? &why : nullptr);
  co_return counts;
}

}  // namespace sampan::client
