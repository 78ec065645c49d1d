#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <map>
#include <set>

#include "base/system_error.h"
#include "client/remote_files.h"
#include "client/tree.h"
#include "client/upload.h"
#include "disk/read_at.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

// Replies that may wait unread while we send: a few hundred bytes each, well below what the sockets hold.
constexpr std::size_t requests_most = 64;
constexpr std::size_t bytes_most = 1024 * 1024;

struct Item {
  std::string local;
  std::string remote;
  disk::FileInfo info;
};

/// A local tree, walked before anything is sent: directories in the order in which they can be made, and the files.
struct LocalTree {
  std::vector<Item> directories;
  std::vector<Item> files;
  std::uint64_t bytes = 0;

  using Identity = std::pair<std::uint64_t, std::uint64_t>;

  void walk(const std::string& local, const std::string& remote, std::set<Identity>& above, const OnFailed& on_failed) {
    struct stat status {};
    if (::stat(local.c_str(), &status) != 0) return on_failed(local, system_error(errno, "open"));
    const disk::FileInfo info = disk::info_of(status);
    if (info.type == disk::FileType::file) {
      bytes += info.size;
      files.push_back({local, remote, info});
      return;
    }
    if (info.type != disk::FileType::directory) return on_failed(local, ErrorCode::not_a_file);
    const Identity identity{info.device, info.inode};
    if (!above.insert(identity).second)
      return on_failed(local, Error(ErrorCode::invalid, "a link to a directory that it is in"));
    directories.push_back({local, remote, info});
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator at(local, error), end; !error && at != end; at.increment(error))
      names.push_back(at->path().filename().string());
    if (error) on_failed(local, system_error(error.value(), "list"));
    std::ranges::sort(names);
    for (const std::string& name : names) walk(local + "/" + name, remote == "/" ? "/" + name : remote + "/" + name, above, on_failed);
    above.erase(identity);
  }
};

/// Sends a tree: directories, then files, then the directories' modes and times.
class TreeUpload {
 public:
  TreeUpload(Connection& connection, const LocalTree& tree, ProgressSink& progress, const OnFailed& on_failed)
      : connection_(connection), tree_(tree), progress_(progress), on_failed_(on_failed) {}

  net::Task<TreeCounts> run() {
    co_await make_directories();
    for (const Item& file : tree_.files) co_await send(file);
    co_await settle(0, 0);
    for (auto at = tree_.directories.rbegin(); at != tree_.directories.rend(); ++at) co_await finish_directory(*at);
    co_await settle(0, 0);
    co_return counts_;
  }

 private:
  struct Waiting {
    const Item* item;
    std::size_t bytes;
    bool is_put;
  };

  void fail_item(const Item& item, const Error& error) {
    ++counts_.failed;
    on_failed_(item.local, error);
  }

  net::Task<> make_directories() {
    for (const Item& directory : tree_.directories) {
      Result<> made = co_await make_directory(connection_, directory.remote, false);
      if (made) continue;
      if (made.error().code() == ErrorCode::exists || directory.remote == "/") {
        const auto there = co_await list_directory(connection_, directory.remote);
        if (there) {
          for (const native::Entry& entry : *there) existing_[directory.remote][entry.name.bytes] = entry;
          continue;
        }
        made = fail(there.error());
      }
      fail_item(directory, made.error());
    }
  }

  // By size and time alone, as rsync does: a file of the same name that was changed without either is not seen.
  bool is_there(const Item& file) const {
    const std::size_t slash = file.remote.rfind('/');
    const auto directory = existing_.find(slash == 0 ? "/" : file.remote.substr(0, slash));
    if (directory == existing_.end()) return false;
    const auto entry = directory->second.find(file.remote.substr(slash + 1));
    return entry != directory->second.end() && entry->second.type == "file" && entry->second.size == file.info.size &&
           entry->second.mtime == file.info.mtime;
  }

  net::Task<> send(const Item& file) {
    if (is_there(file)) {
      ++counts_.skipped;
      counts_.bytes += file.info.size;
      progress_.advance(file.info.size);
      co_return;
    }
    auto source = open_source(file.local);
    if (!source) {
      fail_item(file, source.error());
      co_return;
    }
    if (source->info.size > connection_.limits().put_size) {
      co_await send_large(file, *source);
      co_return;
    }
    bytes_.resize(source->info.size);
    const auto got = disk::read_at(source->fd.get(), bytes_, 0);
    if (!got || *got < bytes_.size()) {
      fail_item(file, got ? Error(ErrorCode::changed) : got.error());
      co_return;
    }
    native::Put put;
    put.path.bytes = file.remote;
    put.digest = digest_of(bytes_);
    put.mtime = source->info.mtime;
    put.mode = native::Mode{source->info.mode & 0777U};
    const native::Operation operation = std::move(put);
    co_await settle(requests_most - 1, bytes_most);
    co_await connection_.send(operation, bytes_);
    waiting_.push_back({&file, bytes_.size(), true});
    waiting_bytes_ += bytes_.size();
  }

  net::Task<> send_large(const Item& file, const Source& source) {
    co_await settle(0, 0);
    Forward forward(progress_);
    const auto receipt = co_await upload_file(connection_, source, file.remote, forward);
    if (!receipt) {
      fail_item(file, receipt.error());
      co_return;
    }
    ++counts_.files;
    counts_.bytes += receipt->size;
  }

  net::Task<> finish_directory(const Item& directory) {
    native::SetAttributes set;
    set.path.bytes = directory.remote;
    set.mtime = directory.info.mtime;
    set.mode = native::Mode{directory.info.mode & 0777U};
    const native::Operation operation = std::move(set);
    co_await settle(requests_most - 1, bytes_most);
    co_await connection_.send(operation);
    waiting_.push_back({&directory, 0, false});
  }

  // Takes replies until at most so many requests and bytes are unanswered.
  net::Task<> settle(std::size_t requests, std::size_t bytes) {
    while (!waiting_.empty() && (waiting_.size() > requests || waiting_bytes_ > bytes)) {
      const Waiting next = waiting_.front();
      waiting_.pop_front();
      waiting_bytes_ -= next.bytes;
      if (!next.is_put) {
        const auto done = co_await connection_.receive<native::Done>();
        if (!done) fail_item(*next.item, done.error());
        continue;
      }
      const auto receipt = co_await connection_.receive<native::Receipt>();
      if (!receipt) {
        fail_item(*next.item, receipt.error());
        continue;
      }
      ++counts_.files;
      counts_.bytes += receipt->size;
      progress_.advance(receipt->size);
    }
  }

  /// One file's progress as a part of the tree's.
  class Forward final : public ProgressSink {
   public:
    explicit Forward(ProgressSink& whole) : whole_(whole) {}
    void begin(std::string_view, std::uint64_t, std::uint64_t done) override { whole_.advance(done); }
    void advance(std::uint64_t bytes) override { whole_.advance(bytes); }
    void end(const Error*) override {}

   private:
    ProgressSink& whole_;
  };

  Connection& connection_;
  const LocalTree& tree_;
  ProgressSink& progress_;
  const OnFailed& on_failed_;
  TreeCounts counts_;
  std::map<std::string, std::map<std::string, native::Entry>> existing_;  // of directories that were there before
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::vector<std::byte> bytes_;
};

}  // namespace

net::Task<Result<TreeCounts>> upload_tree(Connection& connection, std::string local, std::string remote, ProgressSink& progress,
                                          OnFailed on_failed) {
  LocalTree tree;
  std::uint64_t unreadable = 0;
  const OnFailed counting = [&](const std::string& item, const Error& error) {
    ++unreadable;
    on_failed(item, error);
  };
  std::set<LocalTree::Identity> above;
  tree.walk(local, remote, above, counting);
  progress.begin(local, tree.bytes, 0);
  TreeUpload upload(connection, tree, progress, on_failed);
  TreeCounts counts = co_await upload.run();
  counts.failed += unreadable;
  const Error some_failed(ErrorCode::incomplete, std::to_string(counts.failed) + " items failed");
  progress.end(counts.failed == 0 ? nullptr : &some_failed);
  co_return counts;
}

}  // namespace sampan::client
