#include "storage/homes.h"

#include <utility>

#include "base/log.h"
#include "disk/part_file.h"
#include "disk/small_file.h"
#include "storage/local_file_store.h"

namespace sampan::storage {
namespace {

constexpr std::uint32_t private_mode = 0700;
constexpr std::size_t page_size = 1024;

// Where there is no way in: never another directory instead, and never what a link in its place stands for.
Result<disk::Directory> enter_home(const disk::Directory& homes, const std::string& user) {
  auto home = homes.open_real_directory(user);
  if (home) return home;
  if (home.error().code() == ErrorCode::not_found)
    return fail(ErrorCode::denied, "the home directory is missing: ask the operator of the server");
  return fail(ErrorCode::denied, "the home directory cannot be entered: ask the operator of the server");
}

Result<disk::Directory> enter_staging(const disk::Directory& staging, const std::string& user) {
  if (auto made = staging.make_directory(user, private_mode);
      !made && made.error().code() != ErrorCode::exists)
    return fail(made.error());
  auto aside = staging.open_real_directory(user);
  if (!aside) return fail(ErrorCode::denied, "the staging directory cannot be entered");
  return aside;
}

Result<std::unique_ptr<FileStore>> local_store(const disk::Directory& homes, const disk::Directory& staging,
                                               const std::string& user) {
  auto home = enter_home(homes, user);
  if (!home) return fail(home.error());
  auto aside = enter_staging(staging, user);
  if (!aside) return fail(aside.error());
  return std::make_unique<LocalFileStore>(std::move(*home), std::move(*aside));
}

// Whole files that a killed server had not published: nobody was told that they had arrived.
Result<> remove_whole_files(const disk::Directory& aside) {
  std::vector<std::string> names;
  std::int64_t cursor = 0;
  do {
    const auto page = aside.list("", cursor, page_size);
    if (!page) return fail(page.error());
    for (const disk::DirectoryEntry& entry : page->entries)
      if (entry.name.ends_with(disk::small_file_suffix)) names.push_back(entry.name);
    cursor = page->next;
  } while (cursor != 0);
  for (const std::string& name : names)
    if (auto removed = aside.remove_file(name); !removed) return fail(removed.error());
  return {};
}

// What a killed server left aside is again what the ledger will count, byte for byte.
Result<> recover_staging(const disk::Directory& staging, const std::string& user) {
  const auto aside = enter_staging(staging, user);
  if (!aside) return fail(aside.error());
  if (auto removed = remove_whole_files(*aside); !removed) return removed;
  return disk::PartFile::recover(*aside);
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
  const auto directory = enter_home(homes_, user);
  if (!directory) return fail(directory.error());
  const auto info = directory->stat("");
  if (!info) return fail(info.error());
  if (const auto found = open_.find(user);
      found != open_.end() && info->inode == found->second.inode && info->device == found->second.device)
    return found->second.home;
  if (const auto recovered = recover_staging(staging_, user); !recovered)
    log::warning("the staged uploads of \"{}\" are not in order: {}", user, recovered.error().message());
  auto store = local_store(homes_, staging_, user);
  if (!store) return fail(store.error());
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
      auto store = local_store(homes_, staging_, user.name);
      if (!store) continue;
      const auto staged = (*store)->list_staged();
      if (!staged) continue;
      for (const StagedUpload& upload : *staged)
        if (upload.last_activity < before) (void)(*store)->discard_staged(upload.path);
    }
  } while (cursor != 0);
}

Result<> make_home(const disk::Directory& homes, const std::string& user) {
  if (auto made = homes.make_directory(user, private_mode); !made && made.error().code() != ErrorCode::exists)
    return made;
  const auto home = enter_home(homes, user);
  return home ? Result<>() : fail(home.error());
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
