#include "storage/homes.h"

#include <utility>

#include "base/log.h"
#include "disk/tree.h"
#include "storage/local_file_store.h"

namespace sampan::storage {
namespace {

constexpr std::size_t page_size = 1024;

// A disk that fails is not a lack of permission: trying again may help.
bool may_pass(const Error& error) {
  return error.code() == ErrorCode::busy || error.code() == ErrorCode::disk_full ||
         error.code() == ErrorCode::io_error;
}

// Where there is no way in: never another directory instead, and never what a link in its place stands for.
Result<disk::Directory> enter_home(const disk::Directory& homes, const std::string& user) {
  auto home = homes.open_real_directory(user);
  if (home || may_pass(home.error())) return home;
  if (home.error().code() == ErrorCode::not_found)
    return fail(ErrorCode::denied, "the home directory is missing: ask the operator of the server");
  return fail(ErrorCode::denied, "the home directory cannot be entered: ask the operator of the server");
}

Result<disk::Directory> enter_staging(const disk::Directory& staging, const std::string& user) {
  if (auto made = staging.make_directory(user); !made && made.error().code() != ErrorCode::exists)
    return fail(made.error());
  auto aside = staging.open_real_directory(user);
  if (aside || may_pass(aside.error())) return aside;
  return fail(ErrorCode::denied, "the staging directory cannot be entered");
}

Result<std::unique_ptr<FileStore>> local_store(const disk::Directory& homes, const disk::Directory& staging,
                                               const std::string& user, std::uint32_t chunk_size) {
  auto home = enter_home(homes, user);
  if (!home) return fail(home.error());
  auto aside = enter_staging(staging, user);
  if (!aside) return fail(aside.error());
  return std::make_unique<LocalFileStore>(std::move(*home), std::move(*aside), chunk_size);
}

}  // namespace

Result<std::shared_ptr<Home>> Homes::open(const std::string& user) {
  const std::lock_guard lock(mutex_);
  const auto directory = enter_home(homes_, user);
  if (!directory) return fail(directory.error());
  const auto info = directory->stat("");
  if (!info) return fail(info.error());
  if (const auto found = open_.find(user);
      found != open_.end() && info->inode == found->second.inode && info->device == found->second.device)
    return found->second.home;
  auto store = local_store(homes_, staging_, user, chunk_size_);
  if (!store) return fail(store.error());
  // Also where they were there: an earlier process may have made them on a disk that would not sync.
  for (const disk::Directory* base : {&homes_, &staging_})
    if (auto synced = base->sync(""); !synced) return fail(synced.error());
  if (auto recovered = (*store)->recover(); !recovered) {
    if (may_pass(recovered.error())) return fail(recovered.error());
    log::warning("the staged uploads of \"{}\" are not in order: {}", user, recovered.error().message());
  }
  auto home = Home::open(std::move(*store));
  if (!home) return fail(home.error());
  open_[user] = {*home, info->inode, info->device};
  return home;
}

void Homes::expire_uploads(const FileTime& before) {
  const std::lock_guard lock(mutex_);
  std::int64_t cursor = 0;
  do {
    const auto page = staging_.list("", cursor, page_size);
    if (!page) return;
    cursor = page->next;
    for (const disk::DirectoryEntry& user : page->entries) {
      if (const auto found = open_.find(user.name); found != open_.end()) {
        found->second.home->expire_uploads(before);
        continue;
      }
      auto store = local_store(homes_, staging_, user.name, chunk_size_);
      if (!store) continue;
      const auto staged = (*store)->list_staged();
      if (!staged) continue;
      for (const StagedUpload& upload : *staged)
        if (upload.last_activity < before) (void)(*store)->discard_staged(upload.path);
    }
  } while (cursor != 0);
}

Result<> make_home(const disk::Directory& homes, const std::string& user) {
  if (auto made = homes.make_directory(user); !made && made.error().code() != ErrorCode::exists) return made;
  if (auto synced = homes.sync(""); !synced) return synced;
  const auto home = enter_home(homes, user);
  return home ? Result<>() : fail(home.error());
}

Result<Usage> count_home(const disk::Directory& homes, const disk::Directory& staging,
                         const std::string& user) {
  if (const auto there = homes.stat(user); !there) {
    if (there.error().code() == ErrorCode::not_found) return Usage{};
    return fail(there.error());
  }
  auto store = local_store(homes, staging, user, upload_chunk_size);
  if (!store) return fail(store.error());
  const auto home = Home::open(std::move(*store));
  if (!home) return fail(home.error());
  return (*home)->used();
}

Result<> purge_home(const disk::Directory& homes, const disk::Directory& staging, const std::string& user) {
  Result<> outcome = fail(ErrorCode::not_found);
  for (const disk::Directory* base : {&homes, &staging}) {
    auto removed = disk::remove_tree(*base, user);
    if (!removed && removed.error().code() == ErrorCode::not_found) continue;
    if (removed) removed = base->sync("");  // for good: whoever gets the name next finds nothing of it
    const bool failed = !outcome && outcome.error().code() != ErrorCode::not_found;
    if (!failed) outcome = std::move(removed);
  }
  return outcome;
}

}  // namespace sampan::storage
