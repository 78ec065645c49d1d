#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "storage/durable_names.h"
#include "storage/file_store.h"
#include "storage/quota_ledger.h"
#include "storage/upload.h"

namespace sampan::storage {

/// A small file that came whole with its request.
struct WholeFile {
  FilePlan plan;
  ByteView bytes;
  Digest digest;
};

/// With `parents` what is missing above is made too, and a directory that is there is fine.
struct NewDirectory {
  VirtualPath path;
  std::uint32_t mode = 0755;
  bool parents = false;
};

/// For people: an upload that waits to be finished.
struct PendingUpload {
  VirtualPath path;
  std::uint64_t size = 0;
  std::uint64_t present = 0;
  FileTime last_activity;
};

/// One user's files, and every decision about them: what fits, what replaces what, when a receipt is due. All
/// sessions of the user share it, whatever protocol they speak. Thread-safe; everything may block on the
/// disk.
class Home {
 public:
  /// Counts what is there; from then on the ledger follows every change made here.
  static Result<std::shared_ptr<Home>> open(std::unique_ptr<FileStore> store);

  void set_limits(const QuotaLimits& limits) { ledger_.set_limits(limits); }
  /// The limits that `current` gives, if it gives any. It is asked under a lock, so that of several sessions
  /// that look at once none puts an older answer in the place of a newer one.
  void refresh_limits(const std::function<std::optional<QuotaLimits>()>& current);
  QuotaLimits limits() const { return ledger_.limits(); }
  /// Uploads on their way count with their whole size.
  Usage used() const { return ledger_.used(); }

  Result<Entry> stat(const VirtualPath& path) const { return store_->stat(path); }
  Result<EntryPage> list(const VirtualPath& path, std::int64_t cursor, std::size_t limit) const;
  /// not_found, is_a_directory, not_a_file, denied.
  Result<std::unique_ptr<StoredFile>> open_file(const VirtualPath& path) const { return store_->open(path); }

  /// Makes directories one after another, durable together. An outcome for each: exists, not_found (no
  /// parent), too_many_files.
  std::vector<Result<>> make_directories(std::span<const NewDirectory> directories);
  Result<> make_directory(const VirtualPath& path, std::uint32_t mode, bool parents);
  /// not_empty, not_found, not_a_directory; denied for the home itself.
  Result<> remove_directory(const VirtualPath& path);
  /// Files, links (never their targets), anything that is not a directory.
  Result<> remove_file(const VirtualPath& path);
  /// exists where `to` is taken, unless `replace` and it is no directory.
  Result<> rename(const VirtualPath& from, const VirtualPath& to, bool replace);
  Result<> set_attributes(const VirtualPath& path, const std::optional<FileTime>& mtime,
                          const std::optional<std::uint32_t>& mode);

  /// Publishes whole files, durable together: everything is written aside (stage), then synced, then renamed,
  /// then the directories synced (publish). An outcome for each, in order: wrong_digest, over_quota,
  /// too_many_files, not_found (no parent), is_a_directory, disk_full.
  std::vector<Result<Receipt>> put(std::span<const WholeFile> files);  // home_puts.cpp, as what follows
  /// The two halves of put(), for who has the next group staged, `meanwhile`, as this one is waited for: that
  /// is called once, on any thread, and must not throw. Groups are published in the order in which
  /// they were staged; `files` must be there until then. A group that is dropped unpublished leaves nothing;
  /// it refers to its home.
  class StagedGroup;
  std::unique_ptr<StagedGroup> stage(std::span<const WholeFile> files);
  std::vector<Result<Receipt>> publish(std::unique_ptr<StagedGroup> group,
                                       const std::function<void()>& meanwhile = nullptr);

  /// Reserves the room and starts, or takes up what an earlier attempt left; whoever held that upload before
  /// is superseded. over_quota, too_many_files, not_found (no parent), is_a_directory, denied, disk_full;
  /// busy while what is staged for that path is being looked through for somebody else.
  Result<std::shared_ptr<Upload>> begin_upload(const FilePlan& plan);
  /// An upload that some session of this user has begun and still holds. no_such_transfer. Never waits for a
  /// disk.
  Result<std::shared_ptr<Upload>> find_upload(const std::string& id) const;
  /// Throws away what is staged for `path` and gives its room back. not_found, busy.
  Result<> abort_upload(const VirtualPath& path);
  Result<std::vector<PendingUpload>> pending_uploads() const;
  /// Aborts uploads that nobody holds and that were last fed before `before`.
  void expire_uploads(const FileTime& before);

 private:
  friend class Upload;
  Home(std::unique_ptr<FileStore> store, Usage used)
      : store_(std::move(store)), ledger_(used), names_(*store_) {}

  class StageClaim;

  /// Of a group of changes: in which directory names have changed, and by which members.
  using ChangedNames = std::map<VirtualPath, std::vector<std::size_t>>;
  /// Syncs each of the directories once; where that fails, so have its members.
  void sync(const ChangedNames& changed,
            const std::function<void(std::size_t member, const Error& why)>& failed);

  /// names_mutex_ held. Where names have changed by it, or may have, goes to `changed`: that is to be
  /// synced.
  Result<> make_unsynced(const NewDirectory& directory, std::set<VirtualPath>& changed);
  void make_durable(StagedGroup& group);
  /// Whether a file may take this name, as far as can be seen before it does.
  Result<> check_target(const VirtualPath& path) const;
  Result<> check_parent(const VirtualPath& directory) const;
  Result<> check_name(const VirtualPath& path) const;
  std::shared_ptr<Upload> live_upload(const VirtualPath& path) const;
  Result<> publish_name(StagedFile& staged, const VirtualPath& path);
  Result<std::unique_ptr<StagedChunks>> take_up(const FilePlan& plan);
  Result<std::unique_ptr<StagedChunks>> start_anew(const FilePlan& plan);
  /// Throws away what is staged for `path`; then its room goes back.
  Result<> discard_staged(const VirtualPath& path);
  // For uploads, which hold their own mutex.
  Result<> publish_upload(StagedChunks& staged, const VirtualPath& path);
  Result<> sync_name(const VirtualPath& path) { return names_.sync(path.parent()); }
  void forget_upload(const VirtualPath& path, StagedChunks& staged);

  const std::unique_ptr<FileStore> store_;
  QuotaLedger ledger_;
  DurableNames names_;
  std::mutex limits_mutex_;  // held while the limits are looked up
  // Names and ledger change together: what a rename replaced must be known exactly. Held for a few system
  // calls and the sync of directories, so that nothing is put into one whose own name may still go; never
  // while bytes are written or synced.
  std::mutex names_mutex_;
  // Held for a look or a note, never while anything is read, hashed or waited for: event loops take it too.
  mutable std::mutex uploads_mutex_;
  std::map<VirtualPath, std::weak_ptr<Upload>> uploads_;  // guarded by uploads_mutex_; one per path
  mutable std::set<VirtualPath> claimed_;                 // likewise; see StageClaim
};

class Home::StagedGroup {
 private:
  friend class Home;
  struct Step {
    std::optional<Reservation> room;
    std::unique_ptr<StagedFile> staged;  // goes first: room is given back only when the bytes are gone
  };
  std::vector<Result<Receipt>> outcomes_;
  std::vector<Step> steps_;
  // From the first one on for which there was no room: perhaps there is when those before have replaced what
  // they replace.
  std::span<const WholeFile> rest_;
  std::optional<Error> no_room_;  // what it was told
};

}  // namespace sampan::storage
