#include "storage/home.h"

#include <algorithm>
#include <list>
#include <set>

#include "disk/side_by_side.h"

namespace sampan::storage {
namespace {

// What an entry counts in the ledger.
Usage usage_of(const Entry& entry) {
  return {entry.type == FileType::file ? entry.size : 0, 1};
}

}  // namespace

Result<std::shared_ptr<Home>> Home::open(std::unique_ptr<FileStore> store) {
  const auto used = store->count();
  if (!used) return fail(used.error());
  const auto staged = store->list_staged();
  if (!staged) return fail(staged.error());
  std::shared_ptr<Home> home(new Home(std::move(store), *used));
  for (const StagedUpload& upload : *staged) home->ledger_.adopt(upload.path, {upload.size, 1});
  return home;
}

void Home::refresh_limits(const std::function<std::optional<QuotaLimits>()>& current) {
  const std::lock_guard lock(limits_mutex_);
  if (const auto limits = current()) ledger_.set_limits(*limits);
}

Result<EntryPage> Home::list(const VirtualPath& path, std::int64_t cursor, std::size_t limit) const {
  return store_->list(path, cursor, limit);
}

void Home::sync(const ChangedNames& changed,
                const std::function<void(std::size_t member, const Error& why)>& failed) {
  std::vector<std::pair<const ChangedNames::value_type*, Result<>>> syncs;
  for (const auto& directory : changed) syncs.emplace_back(&directory, Result<>());
  disk::side_by_side(syncs.size(),
                     [&](std::size_t i) { syncs[i].second = names_.sync(syncs[i].first->first); });
  // Side by side, one may have been done before another failed: and it may lie below that one.
  const Result<> settled = names_.settle();
  for (const auto& [directory, synced] : syncs)
    for (const std::size_t member : directory->second)
      if (!synced || !settled) failed(member, synced ? settled.error() : synced.error());
}

Result<> Home::make_unsynced(const NewDirectory& directory, std::set<VirtualPath>& changed) {
  const VirtualPath& path = directory.path;
  if (path.is_root()) return directory.parents ? Result<>() : fail(ErrorCode::exists);
  if (directory.parents) {
    const auto there = store_->stat(path);
    if (there && there->type == FileType::directory) {
      changed.insert(path.parent());  // perhaps by another of the same group, and not synced yet
      return {};
    }
    if (auto made = make_unsynced({path.parent(), 0755, true}, changed); !made) return made;
  }
  if (!directory.parents && store_->link_stat(path)) return fail(ErrorCode::exists);  // room for it or not
  auto room = Reservation::take(ledger_, {0, 1});
  if (!room) return fail(room.error());
  if (auto made = store_->make_directory(path); !made) {
    if (!directory.parents || made.error().code() != ErrorCode::exists) return made;
    const auto there = store_->stat(path);  // made by somebody besides us, or it is no directory
    if (!there && there.error().code() == ErrorCode::denied) return fail(there.error());
    if (!there || there->type != FileType::directory) return made;
    changed.insert(path.parent());
    return {};
  }
  if (auto set = store_->set_mode(path, directory.mode); !set) {
    if (!store_->remove_directory(path)) room->keep();
    return set;
  }
  room->keep();
  changed.insert(path.parent());
  return {};
}

std::vector<Result<>> Home::make_directories(std::span<const NewDirectory> directories) {
  std::vector<Result<>> outcomes;
  ChangedNames changed;
  const std::lock_guard lock(names_mutex_);
  for (std::size_t i = 0; i < directories.size(); ++i) {
    std::set<VirtualPath> parents;
    outcomes.push_back(make_unsynced(directories[i], parents));
    for (const VirtualPath& parent : parents) changed[parent].push_back(i);
  }
  sync(changed, [&](std::size_t i, const Error& why) { outcomes[i] = fail(why); });
  return outcomes;
}

Result<> Home::make_directory(const VirtualPath& path, std::uint32_t mode, bool parents) {
  const NewDirectory one = {path, mode, parents};
  return make_directories(std::span(&one, 1)).front();
}

Result<> Home::remove_directory(const VirtualPath& path) {
  if (path.is_root()) return fail(ErrorCode::denied, "the home directory itself cannot be removed");
  const std::lock_guard lock(names_mutex_);
  if (auto removed = store_->remove_directory(path); !removed) return removed;
  ledger_.give_back({0, 1});
  return names_.sync(path.parent());
}

Result<> Home::remove_file(const VirtualPath& path) {
  if (path.is_root()) return fail(ErrorCode::is_a_directory);
  const std::lock_guard lock(names_mutex_);
  const auto entry = store_->link_stat(path);
  if (!entry) return fail(entry.error());
  if (entry->type == FileType::directory) return fail(ErrorCode::is_a_directory, "use rmdir");
  if (auto removed = store_->remove_file(path); !removed) return removed;
  ledger_.give_back(usage_of(*entry));
  return names_.sync(path.parent());
}

Result<> Home::rename(const VirtualPath& from, const VirtualPath& to, bool replace) {
  if (from.is_root() || to.is_root())
    return fail(ErrorCode::denied, "the home directory itself cannot be renamed");
  if (to.starts_with(from) && to != from)
    return fail(ErrorCode::invalid, "a directory cannot be moved into itself");
  const std::lock_guard lock(names_mutex_);
  const auto source = store_->link_stat(from);
  if (!source) return fail(source.error());
  if (to == from) return {};
  const auto replaced = store_->link_stat(to);
  if (!replaced && replaced.error().code() != ErrorCode::not_found) return fail(replaced.error());
  if (replaced && (!replace || replaced->type == FileType::directory)) return fail(ErrorCode::exists);
  if (replaced && source->type == FileType::directory) return fail(ErrorCode::not_a_directory);
  if (auto renamed = store_->rename(from, to, replace); !renamed) return renamed;
  if (replaced) ledger_.give_back(usage_of(*replaced));
  auto synced = names_.sync(to.parent());
  if (to.parent() == from.parent()) return synced;
  auto source_synced = names_.sync(from.parent());
  return synced ? source_synced : synced;
}

Result<> Home::set_attributes(const VirtualPath& path, const std::optional<FileTime>& mtime,
                              const std::optional<std::uint32_t>& mode) {
  if (path.is_root() && mode)
    return fail(ErrorCode::denied, "who may enter the home directory is its operator's to say");
  if (mode)
    if (auto set = store_->set_mode(path, *mode); !set) return set;
  if (mtime)
    if (auto set = store_->set_mtime(path, *mtime); !set) return set;
  return {};
}

Result<> Home::check_target(const VirtualPath& path) const {
  if (path.is_root()) return fail(ErrorCode::is_a_directory);
  if (auto parent = check_parent(path.parent()); !parent) return parent;
  return check_name(path);
}

Result<> Home::check_parent(const VirtualPath& directory) const {
  const auto parent = store_->stat(directory);
  if (!parent) return fail(parent.error());
  if (parent->type != FileType::directory) return fail(ErrorCode::not_a_directory);
  return store_->check_writable(directory);
}

Result<> Home::check_name(const VirtualPath& path) const {
  const auto target = store_->link_stat(path);
  if (target && target->type == FileType::directory) return fail(ErrorCode::is_a_directory);
  if (!target && target.error().code() != ErrorCode::not_found) return fail(target.error());
  return {};
}

// The room was taken before; what the rename replaces gives its own back.
Result<> Home::publish_name(StagedFile& staged, const VirtualPath& path) {
  const std::lock_guard lock(names_mutex_);
  const auto replaced = store_->link_stat(path);
  if (!replaced && replaced.error().code() != ErrorCode::not_found) return fail(replaced.error());
  if (replaced && replaced->type == FileType::directory) return fail(ErrorCode::is_a_directory);
  if (auto published = staged.publish(path); !published) return published;
  if (replaced) ledger_.give_back(usage_of(*replaced));
  return {};
}

/// What is staged for one path, for one at a time: to take it up, throw it away or look through it. Hashing a
/// large part takes long; who comes meanwhile is told so, rather than made to wait on a thread that others
/// need.
class Home::StageClaim {
 public:
  StageClaim(const Home& home, VirtualPath path) : home_(home), path_(std::move(path)) {
    const std::lock_guard lock(home_.uploads_mutex_);
    ours_ = home_.claimed_.insert(path_).second;
  }
  StageClaim(const StageClaim&) = delete;
  StageClaim& operator=(const StageClaim&) = delete;
  ~StageClaim() {
    if (!ours_) return;
    const std::lock_guard lock(home_.uploads_mutex_);
    home_.claimed_.erase(path_);
  }

  bool is_ours() const { return ours_; }
  const VirtualPath& path() const { return path_; }
  static Error taken() {
    return {ErrorCode::busy, "what was sent of it earlier is being looked through for another session"};
  }

 private:
  const Home& home_;
  const VirtualPath path_;
  bool ours_ = false;
};

std::shared_ptr<Upload> Home::live_upload(const VirtualPath& path) const {
  const std::lock_guard lock(uploads_mutex_);
  const auto held = uploads_.find(path);
  return held == uploads_.end() ? nullptr : held->second.lock();
}

Result<std::shared_ptr<Upload>> Home::begin_upload(const FilePlan& plan) {
  if (auto checked = check_target(plan.path); !checked) return fail(checked.error());
  const StageClaim claim(*this, plan.path);
  if (!claim.is_ours()) return fail(StageClaim::taken());
  if (const auto earlier = live_upload(plan.path)) earlier->supersede();

  auto staged = take_up(plan);
  if (!staged && staged.error().code() == ErrorCode::not_found) staged = start_anew(plan);
  if (!staged) return fail(staged.error());
  std::shared_ptr<Upload> upload(new Upload(*this, plan, std::move(*staged)));
  const std::lock_guard lock(uploads_mutex_);
  std::erase_if(uploads_, [](const auto& entry) { return entry.second.expired(); });
  uploads_[plan.path] = upload;
  return upload;
}

Result<std::unique_ptr<StagedChunks>> Home::take_up(const FilePlan& plan) {
  auto staged = store_->resume_chunks(plan);
  if (!staged || ledger_.has_promised(plan.path)) return staged;
  // Left behind by a disk that failed at both, staging it and removing it again.
  if (auto promised = ledger_.promise(plan.path, {plan.size, 1}); !promised) return fail(promised.error());
  return staged;
}

// Another size, or nothing at all: what is there goes, with its room, before the new one asks for its own.
Result<std::unique_ptr<StagedChunks>> Home::start_anew(const FilePlan& plan) {
  if (auto discarded = discard_staged(plan.path); !discarded) return fail(discarded.error());
  if (auto promised = ledger_.promise(plan.path, {plan.size, 1}); !promised) return fail(promised.error());
  auto staged = store_->stage_chunks(plan);
  if (!staged) (void)discard_staged(plan.path);
  return staged;
}

Result<> Home::discard_staged(const VirtualPath& path) {
  if (auto discarded = store_->discard_staged(path); !discarded) return discarded;
  ledger_.withdraw(path);
  return {};
}

Result<> Home::publish_upload(StagedChunks& staged, const VirtualPath& path) {
  if (auto published = publish_name(staged, path); !published) return published;
  ledger_.fulfil(path);
  return {};
}

Result<std::shared_ptr<Upload>> Home::find_upload(const std::string& id) const {
  const std::lock_guard lock(uploads_mutex_);
  for (const auto& [path, held] : uploads_)
    if (auto upload = held.lock(); upload && upload->id() == id) return upload;
  return fail(ErrorCode::no_such_transfer);
}

Result<> Home::abort_upload(const VirtualPath& path) {
  const StageClaim claim(*this, path);
  if (!claim.is_ours()) return fail(StageClaim::taken());
  if (const auto upload = live_upload(path)) upload->supersede();
  if (!ledger_.has_promised(path)) return fail(ErrorCode::not_found, "no upload of that name");
  return discard_staged(path);
}

// Called by the upload itself, its mutex held: what is staged must not be taken up again.
void Home::forget_upload(const VirtualPath& path, StagedChunks& staged) {
  if (staged.discard()) ledger_.withdraw(path);
}

Result<std::vector<PendingUpload>> Home::pending_uploads() const {
  const auto staged = store_->list_staged();
  if (!staged) return fail(staged.error());
  std::vector<PendingUpload> pending;
  for (const StagedUpload& upload : *staged) {
    const StageClaim claim(*this, upload.path);
    PendingUpload item = {upload.path, upload.size, 0, upload.last_activity};
    if (const auto live = live_upload(upload.path)) {
      item.present = live->bytes_present();
    } else if (claim.is_ours()) {  // else it is being hashed, and nobody knows before that is done
      if (const auto idle = store_->resume_chunks({upload.path, upload.size, {}, 0644}))
        item.present = std::min(upload.size, (*idle)->chunks_present() * (*idle)->chunk_size());
    }
    pending.push_back(std::move(item));
  }
  return pending;
}

void Home::expire_uploads(const FileTime& before) {
  // What has room and cannot be listed any more was being removed when the disk failed: it is old too.
  const auto find_old = [&] {
    std::set<VirtualPath> old;
    const auto staged = store_->list_staged();
    if (!staged) return old;
    for (VirtualPath& path : ledger_.promised()) old.insert(std::move(path));
    for (const StagedUpload& upload : *staged)
      if (upload.last_activity < before)
        old.insert(upload.path);
      else
        old.erase(upload.path);
    return old;
  };
  std::list<StageClaim> claims;
  for (const VirtualPath& path : find_old())
    if (!live_upload(path)) claims.emplace_back(*this, path);
  if (claims.empty()) return;
  const std::set<VirtualPath> old = find_old();  // somebody may have come and gone before they were claimed
  for (const StageClaim& claim : claims)
    if (claim.is_ours() && old.contains(claim.path()) && !live_upload(claim.path()))
      (void)discard_staged(claim.path());
}

}  // namespace sampan::storage
