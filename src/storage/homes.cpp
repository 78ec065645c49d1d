#include "storage/homes.h"

#include <utility>

#include "disk/small_file.h"
#include "storage/local_file_store.h"

namespace sampan::storage {
namespace {

constexpr std::uint32_t private_mode = 0700;
constexpr std::size_t page_size = 1024;

Result<disk::Directory> enter(const disk::Directory& base, const std::string& user) {
  if (auto made = base.make_directory(user, private_mode); !made && made.error().code() != ErrorCode::exists)
    return fail(made.error());
  return base.open_directory(user);
}

Result<std::unique_ptr<FileStore>> local_store(const disk::Directory& homes, const disk::Directory& staging,
                                               const std::string& user) {
  auto home = enter(homes, user);
  if (!home) return fail(ErrorCode::denied, "the home directory cannot be entered");
  auto aside = enter(staging, user);
  if (!aside) return fail(ErrorCode::denied, "the staging directory cannot be entered");
  return std::make_unique<LocalFileStore>(std::move(*home), std::move(*aside));
}

// Whole files that a killed server had not published: nobody was told that they had arrived.
void remove_leftovers(const disk::Directory& staging, const std::string& user) {
  std::int64_t cursor = 0;
  do {
    const auto page = staging.list(user, cursor, page_size);
    if (!page) return;
    for (const disk::DirectoryEntry& entry : page->entries)
      if (entry.name.ends_with(disk::small_file_suffix)) (void)staging.remove_file(user + "/" + entry.name);
    cursor = page->next;
  } while (cursor != 0);
}

Result<> remove_below(const disk::Directory& base, const std::string& path) {
  for (;;) {
    const auto page = base.list(path, 0, page_size);  // always from the start: what was listed is gone
    if (!page) return fail(page.error());
    if (page->entries.empty()) break;
    for (const disk::DirectoryEntry& entry : page->entries) {
      const std::string below = path + "/" + entry.name;
      if (entry.info.type == disk::FileType::directory) {
        if (auto removed = remove_below(base, below); !removed) return removed;
      } else if (auto removed = base.remove_file(below); !removed) {
        return fail(removed.error());
      }
    }
  }
  return base.remove_directory(path);
}

}  // namespace

Result<std::shared_ptr<Home>> Homes::open(const std::string& user) {
  const std::lock_guard lock(mutex_);
  const auto there = homes_.stat(user);
  if (const auto found = open_.find(user);
      found != open_.end() && there && there->inode == found->second.inode)
    return found->second.home;
  auto store = local_store(homes_, staging_, user);
  if (!store) return fail(store.error());
  remove_leftovers(staging_, user);
  auto home = Home::open(std::move(*store));
  if (!home) return fail(home.error());
  const auto info = homes_.stat(user);
  if (!info) return fail(info.error());
  open_[user] = {*home, info->inode};
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
      auto store = local_store(homes_, staging_, user.name);
      if (!store) continue;
      const auto staged = (*store)->list_staged();
      if (!staged) continue;
      for (const StagedUpload& upload : *staged)
        if (upload.last_activity < before) (void)(*store)->discard_staged(upload.path);
    }
  } while (cursor != 0);
}

Result<Usage> count_home(const disk::Directory& homes, const disk::Directory& staging,
                         const std::string& user) {
  if (const auto there = homes.stat(user); !there) {
    if (there.error().code() == ErrorCode::not_found) return Usage{};
    return fail(there.error());
  }
  auto store = local_store(homes, staging, user);
  if (!store) return fail(store.error());
  const auto home = Home::open(std::move(*store));
  if (!home) return fail(home.error());
  return (*home)->used();
}

Result<> purge_home(const disk::Directory& homes, const disk::Directory& staging, const std::string& user) {
  for (const disk::Directory* base : {&homes, &staging})
    if (auto removed = remove_below(*base, user); !removed && removed.error().code() != ErrorCode::not_found)
      return removed;
  return {};
}

}  // namespace sampan::storage
