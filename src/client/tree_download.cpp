#include <algorithm>
#include <deque>

#include "client/download.h"
#include "client/remote_files.h"
#include "client/tree.h"
#include "disk/directory.h"
#include "disk/small_file.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

// Files in flight, by the sizes that the listing gave: what waits unread stays small.
constexpr std::size_t requests_most = 16;
constexpr std::uint64_t bytes_most = 1024 * 1024;
constexpr std::size_t depth_most = 255;

struct Item {
  std::string remote;
  std::string local;  // relative to the target; a chain of names that were checked one by one
  native::Entry entry;
};

// A name from the server becomes a name here only if it is one name and nothing else.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos && name.find('\0') == name.npos &&
         name.size() <= 255;
}

std::string below(const std::string& directory, const std::string& name) {
  if (directory.empty()) return name;
  return directory == "/" ? "/" + name : directory + "/" + name;
}

/// Fetches a tree: lists and makes directories, then the files, then the directories' modes and times.
class TreeDownload {
 public:
  TreeDownload(Connection& connection, const disk::Directory& target, ProgressSink& progress, const OnFailed& on_failed)
      : connection_(connection), target_(target), progress_(progress), on_failed_(on_failed) {}

  net::Task<Result<TreeCounts>> run(std::string remote) {
    const auto top = co_await stat_file(connection_, remote);
    if (!top) co_return fail(top.error());
    if (top->type != "directory") co_return fail(ErrorCode::not_a_directory);
    Item first = {remote, "", *top};
    directories_.push_back(std::move(first));
    for (std::size_t i = 0; i < directories_.size(); ++i) co_await list(i);
    std::uint64_t total = 0;
    for (const Item& file : files_) total += file.entry.size;
    progress_.begin(remote, total, 0);
    for (const Item& file : files_) co_await fetch(file);
    co_await settle(0, 0);
    std::ranges::for_each(directories_.rbegin(), directories_.rend(), [&](const Item& item) { finish_directory(item); });
    const Error some_failed(ErrorCode::incomplete, std::to_string(counts_.failed) + " items failed");
    progress_.end(counts_.failed == 0 ? nullptr : &some_failed);
    co_return counts_;
  }

 private:
  void fail_item(const Item& item, const Error& error) {
    ++counts_.failed;
    on_failed_(item.remote, error);
  }

  net::Task<> list(std::size_t index) {
    const Item directory = directories_[index];  // a copy: the list grows below
    const bool deep = std::ranges::count(directory.local, '/') >= static_cast<std::ptrdiff_t>(depth_most);
    if (!directory.local.empty()) {
      const auto made = target_.make_directory(directory.local, 0700);
      if (deep || (!made && made.error().code() != ErrorCode::exists)) {
        fail_item(directory, deep ? Error(ErrorCode::invalid, "directories nested too deep") : made.error());
        co_return;
      }
    }
    auto entries = co_await list_directory(connection_, directory.remote);
    if (!entries) {
      fail_item(directory, entries.error());
      co_return;
    }
    for (native::Entry& entry : *entries) {
      Item item = {below(directory.remote, entry.name.bytes), below(directory.local, entry.name.bytes), entry};
      if (!is_plain_name(entry.name.bytes)) {
        fail_item(item, Error(ErrorCode::invalid, "a name that cannot be one here"));
      } else if (entry.type == "directory") {
        directories_.push_back(std::move(item));
      } else if (entry.type == "file" || entry.type == "link") {
        files_.push_back(std::move(item));
      } else {
        fail_item(item, ErrorCode::not_a_file);
      }
    }
  }

  bool is_here(const Item& file) const {
    const auto info = target_.link_stat(file.local);
    return info && info->type == disk::FileType::file && info->size == file.entry.size && info->mtime == file.entry.mtime;
  }

  net::Task<> fetch(const Item& file) {
    if (file.entry.type == "file" && is_here(file)) {
      ++counts_.skipped;
      counts_.bytes += file.entry.size;
      progress_.advance(file.entry.size);
      co_return;
    }
    if (file.entry.type == "link" || file.entry.size > connection_.limits().put_size) {
      co_await fetch_alone(file);
      co_return;
    }
    co_await settle(requests_most - 1, bytes_most - std::min(bytes_most, file.entry.size));
    native::Get get;
    get.path.bytes = file.remote;
    const native::Operation operation = std::move(get);
    co_await connection_.send(operation);
    waiting_.push_back(&file);
    waiting_bytes_ += file.entry.size;
  }

  net::Task<> fetch_alone(const Item& file) {
    co_await settle(0, 0);
    const std::size_t slash = file.local.rfind('/');
    const auto directory = target_.open_directory(slash == file.local.npos ? "" : file.local.substr(0, slash));
    if (!directory) {
      fail_item(file, directory.error());
      co_return;
    }
    Forward forward(progress_);
    const std::string name = slash == file.local.npos ? file.local : file.local.substr(slash + 1);
    const auto fetched = co_await download_file(connection_, file.remote, *directory, name, forward);
    if (!fetched) {
      fail_item(file, fetched.error());
      co_return;
    }
    ++counts_.files;
    counts_.bytes += fetched->size;
  }

  Result<> keep(const Item& file, const native::GetReady& ready) const {
    if (ready.download) return fail(ErrorCode::changed);  // it has grown since it was listed
    if (digest_of(body_) != ready.digest) return fail(ErrorCode::wrong_digest);
    const std::string staged = ".sampan-" + digest_of(as_bytes(file.local)).hex().substr(0, 24);
    (void)target_.remove_file(staged + std::string(disk::small_file_suffix));  // of a process that was killed
    auto written = disk::SmallFile::write(target_, staged, body_, ready.mode.bits, ready.mtime);
    if (!written) return fail(written.error());
    if (auto synced = written->sync(); !synced) return synced;
    return written->publish(target_, file.local);
  }

  // Takes replies until at most so many requests and bytes are unanswered.
  net::Task<> settle(std::size_t requests, std::uint64_t bytes) {
    while (!waiting_.empty() && (waiting_.size() > requests || waiting_bytes_ > bytes)) {
      const Item& file = *waiting_.front();
      waiting_.pop_front();
      waiting_bytes_ -= file.entry.size;
      const auto ready = co_await connection_.receive<native::GetReady>(body_, connection_.limits().put_size);
      const Result<> kept = ready ? keep(file, *ready) : Result<>(fail(ready.error()));
      if (!kept) {
        fail_item(file, kept.error());
        continue;
      }
      ++counts_.files;
      counts_.bytes += body_.size();
      progress_.advance(body_.size());
    }
  }

  void finish_directory(const Item& directory) {
    (void)target_.sync_parent(below(directory.local, "."));
    if (auto set = target_.set_mode(directory.local, directory.entry.mode.bits | 0700U); !set) fail_item(directory, set.error());
    if (auto set = target_.set_times(directory.local, directory.entry.mtime); !set) fail_item(directory, set.error());
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
  const disk::Directory& target_;
  ProgressSink& progress_;
  const OnFailed& on_failed_;
  TreeCounts counts_;
  std::vector<Item> directories_;
  std::vector<Item> files_;
  std::deque<const Item*> waiting_;
  std::uint64_t waiting_bytes_ = 0;
  std::vector<std::byte> body_;
};

}  // namespace

net::Task<Result<TreeCounts>> download_tree(Connection& connection, std::string remote, std::string local, ProgressSink& progress,
                                            OnFailed on_failed) {
  const auto target = disk::Directory::make_trusted(local, 0755);
  if (!target) co_return fail(target.error());
  TreeDownload download(connection, *target, progress, on_failed);
  co_return co_await download.run(std::move(remote));
}

}  // namespace sampan::client
