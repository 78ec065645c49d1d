#include <algorithm>
#include <cerrno>
#include <deque>
#include <memory>

#include <unistd.h>

#include "base/system_error.h"
#include "client/directory_lister.h"
#include "client/download.h"
#include "client/landing.h"
#include "client/plain_name.h"
#include "client/remote_files.h"
#include "client/remote_pieces.h"
#include "client/tree.h"
#include "client/window.h"
#include "disk/directory.h"
#include "disk/side_by_side.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

// Files in flight, by the sizes that the listing gave. Questions are short, so the server always takes them;
// the bytes wait in the sockets, not here.
constexpr std::size_t requests_most = 128;
constexpr std::uint64_t bytes_most = 1024 * 1024;
constexpr std::size_t depth_most = 255;
constexpr std::size_t items_most = 10'000'000;  // of a hostile server's endless tree

// Small files, or directories, that share one wait for the disk.
constexpr std::size_t group_files_most = 64;
constexpr std::uint64_t group_bytes_most = 8 * 1024 * 1024;

struct Item {
  std::string remote;
  std::string local;  // relative to the target; a chain of names that were checked one by one
  native::Entry entry;
};

/// Fetches a tree: lists and makes directories, then the files, then the directories' modes and times.
class TreeDownload {
 public:
  TreeDownload(Connection& connection, const disk::Directory& target, ProgressSink& progress,
               const OnFailed& on_failed)
      : connection_(connection), target_(target), progress_(progress), on_failed_(on_failed) {}

  net::Task<Result<TreeCounts>> run(std::string remote) {
    const auto top = co_await stat_file(connection_, remote);
    if (!top) co_return fail(top.error());
    if (top->type != "directory") co_return fail(ErrorCode::not_a_directory);
    Item first = {remote, "", *top};
    directories_.push_back(std::move(first));
    if (auto listed = co_await list_all(); !listed) co_return fail(listed.error());
    std::uint64_t total = skipped_bytes_;
    for (const Item& file : files_) total += file.entry.size;
    progress_.begin(remote, total, skipped_bytes_);
    for (const Item& file : files_) co_await fetch(file);
    co_await settle();
    publish_group();
    co_await fetch_grown();
    finish_directories();
    co_return counts_;
  }

 private:
  struct Staged {
    const Item* item;
    std::shared_ptr<const disk::Directory> directory;  // which the staged file refers to
    StagedSmall file;
    std::uint64_t size;
  };

  struct Grown {
    const Item* item;
    std::string download;  // that the server opened for it
  };

  void fail_item(const Item& item, const Error& error) {
    ++counts_.failed;
    on_failed_(item.remote, error);
  }

  Result<> make(const Item& directory) const {
    if (directory.local.empty()) return {};
    if (std::ranges::count(directory.local, '/') >= static_cast<std::ptrdiff_t>(depth_most))
      return fail(ErrorCode::invalid, "directories nested too deep");
    // Private until it is complete and gets its own mode; synced with all others at the end.
    auto made = target_.make_directory(directory.local);
    if (made || made.error().code() != ErrorCode::exists) return made;
    const auto there = target_.stat(directory.local);
    if (!there) return fail(there.error());
    return there->type == disk::FileType::directory ? Result<>() : fail(ErrorCode::not_a_directory, "here");
  }

  // Makes and lists all directories, from the top. An error where the tree's own directory, or its size,
  // leaves nothing to do.
  net::Task<Result<>> list_all() {
    DirectoryLister lister(connection_);
    std::deque<std::size_t> asked;  // of directories_, which grows meanwhile
    for (std::size_t next = 0; next < directories_.size() || !asked.empty();) {
      if (next < directories_.size() && !lister.is_full()) {
        const std::size_t index = next++;
        if (auto made = make(directories_[index]); !made) {
          if (index == 0) co_return made;
          fail_item(directories_[index], made.error());
          continue;
        }
        co_await lister.ask(directories_[index].remote);
        asked.push_back(index);
        continue;
      }
      const std::size_t index = asked.front();
      asked.pop_front();
      auto entries = co_await lister.take();
      if (!entries && index == 0) co_return fail(entries.error());
      if (!entries) {
        fail_item(directories_[index], entries.error());
        continue;
      }
      take_in_all(index, std::move(*entries));
      if (directories_.size() + files_.size() <= items_most) continue;
      while (!lister.is_empty()) (void)co_await lister.take();  // the session goes on
      co_return fail(ErrorCode::invalid, "more than " + std::to_string(items_most) + " entries");
    }
    co_return Result<>();
  }

  void take_in_all(std::size_t index, DirectoryLister::Entries entries) {
    listed_.push_back(index);
    const std::string remote = directories_[index].remote;  // copies: the list grows below
    const std::string local = directories_[index].local;
    for (native::Entry& entry : entries) {
      const std::string& name = entry.name.bytes;
      Item item = {path_below(remote, name), path_below(local, name), std::move(entry)};
      take_in(std::move(item));
    }
  }

  void take_in(Item item) {
    const std::string& type = item.entry.type;
    if (!is_plain_name(item.entry.name.bytes)) {
      fail_item(item, Error(ErrorCode::invalid, "a name that cannot be one here"));
    } else if (type == "directory") {
      directories_.push_back(std::move(item));
    } else if (type == "file" && is_here(item)) {
      ++counts_.skipped;
      counts_.bytes += item.entry.size;
      skipped_bytes_ += item.entry.size;
    } else if (type == "file" || type == "link") {
      files_.push_back(std::move(item));
    } else {
      fail_item(item, ErrorCode::not_a_file);
    }
  }

  // By size and time alone, as rsync does.
  bool is_here(const Item& file) const {
    const auto info = target_.link_stat(file.local);
    const bool same = info && info->type == disk::FileType::file && info->size == file.entry.size &&
                      info->mtime == file.entry.mtime;
    if (same && info->mode != file.entry.mode.bits) (void)target_.set_mode(file.local, file.entry.mode.bits);
    return same;
  }

  net::Task<> fetch(const Item& file) {
    if (file.entry.type == "link" || file.entry.size > connection_.limits().put_size) {
      co_await fetch_alone(file);
      co_return;
    }
    while (!window_.has_room_for(file.entry.size)) co_await take_reply();
    native::Get get;
    get.path.bytes = file.remote;
    const native::Operation operation = std::move(get);
    co_await connection_.send(operation);
    window_.sent(file.entry.size);
    waiting_.push_back(&file);
  }

  net::Task<> fetch_alone(const Item& file) {
    co_await settle();
    const auto directory = directory_of(file);
    if (!directory) {
      fail_item(file, directory.error());
      co_return;
    }
    ItemProgress progress(progress_);
    const auto fetched =
        co_await download_file(connection_, file.remote, **directory, file.entry.name.bytes, progress);
    if (!fetched) {
      fail_item(file, fetched.error());
      co_return;
    }
    ++counts_.files;
    counts_.bytes += fetched->size;
  }

  // The files come directory by directory, so the latest one is mostly the one that is wanted.
  Result<std::shared_ptr<const disk::Directory>> directory_of(const Item& file) {
    std::string path = parent_of(file.local);
    if (!current_ || path != current_path_) {
      auto opened = target_.open_directory(path);
      if (!opened) return fail(opened.error());
      current_ = std::make_shared<const disk::Directory>(std::move(*opened));
      current_path_ = std::move(path);
    }
    return current_;
  }

  net::Task<> settle() {
    while (!waiting_.empty()) co_await take_reply();
  }

  net::Task<> take_reply() {
    const Item& file = *waiting_.front();
    waiting_.pop_front();
    window_.answered(file.entry.size);
    const auto ready = co_await receive_file(connection_, body_);
    if (!ready) {
      fail_item(file, ready.error());
    } else if (ready->download) {  // it has grown since it was listed
      grown_.push_back({&file, *ready->download});
    } else if (auto staged = stage(file, *ready); !staged) {
      fail_item(file, staged.error());
    }
  }

  net::Task<> fetch_grown() {
    for (const Grown& grown : grown_) {
      native::DownloadEnd end;
      end.download = grown.download;
      const native::Operation operation = std::move(end);
      (void)co_await connection_.call<native::Done>(operation);
      co_await fetch_alone(*grown.item);
    }
  }

  Result<> stage(const Item& file, const native::GetReady& ready) {
    const auto directory = directory_of(file);
    if (!directory) return fail(directory.error());
    Landing landing(**directory, file.entry.name.bytes);
    if (auto free = landing.check(); !free) return free;
    auto staged = landing.stage(ready, body_);
    if (!staged) return fail(staged.error());
    staged->start_sync();
    group_.push_back({&file, *directory, std::move(*staged), body_.size()});
    group_bytes_ += body_.size();
    if (group_.size() == group_files_most || group_bytes_ >= group_bytes_most) publish_group();
    return {};
  }

  void publish_group() {
    std::vector<Result<>> outcomes(group_.size());
    const auto sync = [&](std::size_t i) { outcomes[i] = group_[i].file.sync(); };
    disk::side_by_side(group_.size(), sync);
    for (std::size_t i = 0; i < group_.size(); ++i) {
      Staged& staged = group_[i];
      Result<>& outcome = outcomes[i];
      if (outcome) outcome = staged.file.publish(*staged.directory);
      if (!outcome) {
        fail_item(*staged.item, outcome.error());
        continue;
      }
      ++counts_.files;
      counts_.bytes += staged.size;
      progress_.advance(staged.size);
    }
    group_.clear();
    group_bytes_ = 0;
  }

  // From below: what is done in a directory changes its time, and its mode may shut us out of what is in it.
  // They wait for the disk together, as the small files do.
  void finish_directories() {
    for (auto at = listed_.rbegin(); at != listed_.rend(); ++at) {
      const Item& directory = directories_[*at];
      auto opened = target_.open_directory(directory.local);
      const Result<> set = opened ? set_attributes(directory) : fail(opened.error());
      if (!set) {
        fail_item(directory, set.error());
        continue;
      }
      finished_.emplace_back(&directory, std::move(*opened));
      if (finished_.size() == group_files_most) sync_finished();
    }
    sync_finished();
  }

  Result<> set_attributes(const Item& directory) const {
    // The home and the folder that stands for it here have nothing to do with each other.
    if (directory.remote == "/") return {};
    if (auto set = target_.set_mode(directory.local, directory.entry.mode.bits); !set) return set;
    return target_.set_times(directory.local, directory.entry.mtime);
  }

  void sync_finished() {
    for (const auto& [item, directory] : finished_)
      if (fsync(directory.fd()) != 0) fail_item(*item, system_error(errno, "sync"));
    finished_.clear();
  }

  Connection& connection_;
  const disk::Directory& target_;
  ProgressSink& progress_;
  const OnFailed& on_failed_;
  TreeCounts counts_;
  std::uint64_t skipped_bytes_ = 0;
  std::vector<Item> directories_;
  std::vector<std::size_t> listed_;  // of directories_: the ones that are here
  std::vector<Item> files_;
  Window window_{requests_most, bytes_most};
  std::deque<const Item*> waiting_;
  std::vector<Grown> grown_;
  std::vector<std::byte> body_;
  std::shared_ptr<const disk::Directory> current_;
  std::string current_path_;
  std::vector<Staged> group_;
  std::uint64_t group_bytes_ = 0;
  std::vector<std::pair<const Item*, disk::Directory>> finished_;  // but not synced
};

}  // namespace

net::Task<Result<TreeCounts>> download_tree(Connection& connection, std::string remote, std::string local,
                                            ProgressSink& progress, OnFailed on_failed) {
  const auto target = disk::Directory::make_trusted(local, 0777);
  if (!target) co_return fail(target.error());
  TreeDownload download(connection, *target, progress, on_failed);
  const Result<TreeCounts> counts = co_await download.run(std::move(remote));
  const bool some_failed = counts && counts->failed != 0;
  const Error why(ErrorCode::incomplete, some_failed ? std::to_string(counts->failed) + " items failed" : "");
  progress.end(!counts ? &counts.error() : some_failed ? &why : nullptr);
  co_return counts;
}

}  // namespace sampan::client
