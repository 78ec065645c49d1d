#include "disk/testing/simulated_disk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <unistd.h>

namespace sampan::disk::testing {
namespace {

constexpr std::size_t name_most = 255;

SimulatedDisk::Node node_of(const SimulatedMedia::Inode& inode) {
  const timespec& time = inode.attributes.mtime;
  return {inode.directory, inode.bytes, inode.attributes.mode,
          inode.directory ? 0 : time.tv_sec * 1'000'000'000 + time.tv_nsec};
}

}  // namespace

bool SimulatedDisk::owns(std::string_view path) {
  return path == root_path || (path.starts_with(root_path) && path[root_path.size()] == '/');
}

void SimulatedDisk::arm(const Fault& fault) {
  fault_ = fault;
  calls_ = 0;
  struck_ = false;
}

void SimulatedDisk::cut_power(const Survival& survival) {
  media_.cut_power(survival);
  open_.clear();
  disarm();
}

// The errno that this call shall fail with, or 0.
int SimulatedDisk::next_call() {
  ++calls_;
  const bool now = calls_ == fault_.call && !fault_.short_write;
  const bool later = fault_.lasting && fault_.call != 0 && calls_ > fault_.call;
  if (!now && !later) return 0;
  struck_ = true;
  return fault_.error;
}

std::map<std::string, SimulatedDisk::Node> SimulatedDisk::tree(const std::string& path) const {
  std::map<std::string, Node> nodes;
  const Place place = walk(SimulatedMedia::root, path);
  if (place.inode != 0) collect(place.inode, "", nodes);
  return nodes;
}

void SimulatedDisk::collect(InodeNumber directory, const std::string& prefix,
                            std::map<std::string, Node>& into) const {
  for (const auto& [name, link] : media_.inode(directory).names) {
    into[prefix + name] = node_of(media_.inode(link.inode));
    if (media_.inode(link.inode).directory) collect(link.inode, prefix + name + "/", into);
  }
}

SimulatedDisk::Place SimulatedDisk::walk(InodeNumber from, std::string_view path) const {
  Place place = {0, from, ".", from};
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string name(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
    if (name.empty() || name == ".") continue;
    if (name == "..") return {.error = -EXDEV, .name = {}};
    if (name.size() > name_most) return {.error = -ENAMETOOLONG, .name = {}};
    if (place.inode == 0) return {.error = -ENOENT, .name = {}};
    const SimulatedMedia::Inode& directory = media_.inode(place.inode);
    if (!directory.directory) return {.error = -ENOTDIR, .name = {}};
    const auto found = directory.names.find(name);
    place = {0, place.inode, name, found == directory.names.end() ? 0 : found->second.inode};
  }
  return place;
}

SimulatedDisk::Place SimulatedDisk::find(int at, const char* path) const {
  const auto file = open_.find(at);
  if (file == open_.end()) return {.error = -EBADF, .name = {}};
  return walk(file->second.inode, path);
}

int SimulatedDisk::open_place(const Place& place, std::uint64_t flags, std::uint32_t mode) {
  if (place.error != 0) return place.error;
  InodeNumber inode = place.inode;
  if (inode == 0) {
    if ((flags & O_CREAT) == 0) return -ENOENT;
    inode = media_.make(false, mode);
    media_.change_names({{place.directory, place.name, inode}});
  } else if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
    return -EEXIST;
  }
  const bool directory = media_.inode(inode).directory;
  if ((flags & O_DIRECTORY) != 0 && !directory) return -ENOTDIR;
  if (directory && (flags & O_ACCMODE) != O_RDONLY) return -EISDIR;
  if ((flags & O_TRUNC) != 0) media_.resize(inode, 0);
  open_[next_descriptor_] = {inode, (flags & O_APPEND) != 0, 0};
  return next_descriptor_++;
}

SimulatedDisk::Place SimulatedDisk::find(const char* path) const {
  return walk(SimulatedMedia::root, std::string_view(path).substr(root_path.size()));
}

int SimulatedDisk::open(const char* path, int flags, mode_t mode) {
  if (const int error = next_call()) return -error;
  return open_place(find(path), static_cast<unsigned>(flags), mode);
}
int SimulatedDisk::openat(int at, const char* path, int flags, mode_t mode) {
  return openat2(at, path, static_cast<unsigned>(flags), mode);
}
int SimulatedDisk::openat2(int at, const char* path, std::uint64_t flags, std::uint64_t mode) {
  if (const int error = next_call()) return -error;
  return open_place(find(at, path), flags, static_cast<std::uint32_t>(mode));
}

int SimulatedDisk::close(int descriptor) {
  return open_.erase(descriptor) == 1 ? 0 : -EBADF;
}

void SimulatedDisk::fill(InodeNumber number, struct stat& status) const {
  const SimulatedMedia::Inode& inode = media_.inode(number);
  status = {};
  status.st_dev = 1;
  status.st_ino = number;
  status.st_nlink = 1;
  status.st_mode = inode.attributes.mode | (inode.directory ? S_IFDIR : S_IFREG);
  status.st_size = static_cast<off_t>(inode.bytes.size());
  status.st_mtim = inode.attributes.mtime;
}

int SimulatedDisk::fstat(int descriptor, struct stat* status) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  fill(file->second.inode, *status);
  return 0;
}

int SimulatedDisk::fstatat(int at, const char* path, struct stat* status) {
  if (const int error = next_call()) return -error;
  const Place place = find(at, path);
  if (place.error != 0) return place.error;
  if (place.inode == 0) return -ENOENT;
  fill(place.inode, *status);
  return 0;
}

ssize_t SimulatedDisk::pread(int descriptor, void* room, std::size_t size, off_t offset) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  const std::string& bytes = media_.inode(file->second.inode).bytes;
  const auto from = std::min(static_cast<std::size_t>(offset), bytes.size());
  return static_cast<ssize_t>(bytes.copy(static_cast<char*>(room), size, from));
}

ssize_t SimulatedDisk::write_at(const Open& file, const void* bytes, std::size_t size, std::uint64_t offset) {
  if (calls_ == fault_.call && fault_.short_write && size > 1) {
    struck_ = true;
    size /= 2;
  }
  media_.write(file.inode, offset, {static_cast<const char*>(bytes), size});
  return static_cast<ssize_t>(size);
}

ssize_t SimulatedDisk::pwrite(int descriptor, const void* bytes, std::size_t size, off_t offset) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  return write_at(file->second, bytes, size, static_cast<std::uint64_t>(offset));
}

ssize_t SimulatedDisk::write(int descriptor, const void* bytes, std::size_t size) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  Open& target = file->second;
  if (target.appends) target.offset = static_cast<off_t>(media_.inode(target.inode).bytes.size());
  const ssize_t put = write_at(target, bytes, size, static_cast<std::uint64_t>(target.offset));
  target.offset += put;
  return put;
}

off_t SimulatedDisk::lseek(int descriptor, off_t offset, int whence) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  Open& target = file->second;
  if (whence == SEEK_END) offset += static_cast<off_t>(media_.inode(target.inode).bytes.size());
  if (whence == SEEK_CUR) offset += target.offset;
  return target.offset = offset;
}

long SimulatedDisk::getdents(int descriptor, void* room, std::size_t size) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  const SimulatedMedia::Inode& directory = media_.inode(file->second.inode);
  if (!directory.directory) return -ENOTDIR;
  std::map<std::int64_t, std::pair<const std::string*, InodeNumber>> in_order;
  for (const auto& [name, link] : directory.names)
    if (link.cookie > file->second.offset) in_order[link.cookie] = {&name, link.inode};
  std::size_t used = 0;
  for (const auto& [cookie, entry] : in_order) {
    constexpr std::size_t alignment = alignof(dirent64);
    const std::size_t head = offsetof(dirent64, d_name);
    const std::size_t length = (head + entry.first->size() + 1 + alignment - 1) / alignment * alignment;
    if (used + length > size) break;
    auto* item = reinterpret_cast<dirent64*>(static_cast<char*>(room) + used);
    std::memset(static_cast<void*>(item), 0, length);
    item->d_ino = entry.second;
    item->d_off = cookie;
    item->d_reclen = static_cast<unsigned short>(length);
    item->d_type = media_.inode(entry.second).directory ? DT_DIR : DT_REG;
    entry.first->copy(static_cast<char*>(room) + used + head, entry.first->size());
    used += length;
    file->second.offset = cookie;
  }
  return static_cast<long>(used);
}

int SimulatedDisk::ftruncate(int descriptor, off_t size) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  media_.resize(file->second.inode, static_cast<std::uint64_t>(size));
  return 0;
}

int SimulatedDisk::fallocate(int descriptor, off_t size) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  const std::uint64_t present = media_.inode(file->second.inode).bytes.size();
  media_.resize(file->second.inode, std::max(present, static_cast<std::uint64_t>(size)));
  return 0;
}

int SimulatedDisk::fsync(int descriptor) {
  const int error = next_call();
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return error != 0 ? -error : -EBADF;
  if (error != 0) {
    media_.fail_sync(file->second.inode);
    return -error;
  }
  media_.sync(file->second.inode);
  return 0;
}

// Only begins to write: a power cut may still take everything.
int SimulatedDisk::sync_file_range(int descriptor) {
  if (const int error = next_call()) return -error;
  return open_.contains(descriptor) ? 0 : -EBADF;
}

int SimulatedDisk::fchmod(int descriptor, mode_t mode) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  media_.attributes(file->second.inode).mode = mode;
  return 0;
}

// Root's: everything is permitted.
int SimulatedDisk::faccessat(int descriptor) {
  if (const int error = next_call()) return -error;
  return open_.contains(descriptor) ? 0 : -EBADF;
}

int SimulatedDisk::futimens(int descriptor, const timespec times[2]) {
  return utimensat(descriptor, "", times);
}

int SimulatedDisk::utimensat(int at, const char* path, const timespec times[2]) {
  if (const int error = next_call()) return -error;
  const Place place = find(at, path);
  if (place.error != 0) return place.error;
  if (place.inode == 0) return -ENOENT;
  if (times[1].tv_nsec != UTIME_OMIT) media_.attributes(place.inode).mtime = times[1];
  return 0;
}

ssize_t SimulatedDisk::fgetxattr(int descriptor, const char* name, void* room, std::size_t size) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  const auto& extended = media_.inode(file->second.inode).attributes.extended;
  const auto found = extended.find(name);
  if (found == extended.end()) return -ENODATA;
  if (found->second.size() > size) return -ERANGE;
  return static_cast<ssize_t>(found->second.copy(static_cast<char*>(room), size));
}

int SimulatedDisk::fsetxattr(int descriptor, const char* name, const void* value, std::size_t size) {
  if (const int error = next_call()) return -error;
  const auto file = open_.find(descriptor);
  if (file == open_.end()) return -EBADF;
  media_.attributes(file->second.inode).extended[name].assign(static_cast<const char*>(value), size);
  return 0;
}

int SimulatedDisk::make_directory(const Place& place, mode_t mode) {
  if (place.error != 0) return place.error;
  if (place.inode != 0) return -EEXIST;
  media_.change_names({{place.directory, place.name, media_.make(true, mode)}});
  return 0;
}
int SimulatedDisk::mkdir(const char* path, mode_t mode) {
  if (const int error = next_call()) return -error;
  return make_directory(find(path), mode);
}
int SimulatedDisk::mkdirat(int at, const char* path, mode_t mode) {
  if (const int error = next_call()) return -error;
  return make_directory(find(at, path), mode);
}

int SimulatedDisk::unlinkat(int at, const char* path, int flags) {
  if (const int error = next_call()) return -error;
  const Place place = at == AT_FDCWD ? find(path) : find(at, path);
  if (place.error != 0) return place.error;
  if (place.inode == 0) return -ENOENT;
  const SimulatedMedia::Inode& target = media_.inode(place.inode);
  if ((flags & AT_REMOVEDIR) != 0) {
    if (!target.directory) return -ENOTDIR;
    if (!target.names.empty()) return -ENOTEMPTY;
  } else if (target.directory) {
    return -EISDIR;
  }
  media_.change_names({{place.directory, place.name, 0}});
  return 0;
}

bool SimulatedDisk::is_below(InodeNumber inode, InodeNumber above) const {
  if (inode == above) return true;
  return std::ranges::any_of(media_.inode(above).names,
                             [&](const auto& name) { return is_below(inode, name.second.inode); });
}

int SimulatedDisk::renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
  if (const int error = next_call()) return -error;
  const Place source = find(from_at, from);
  const Place target = find(to_at, to);
  if (source.error != 0) return source.error;
  if (target.error != 0) return target.error;
  if (source.inode == 0) return -ENOENT;
  if (target.inode != 0 && (flags & RENAME_NOREPLACE) != 0) return -EEXIST;
  if (source.inode == target.inode) return 0;
  const bool directory = media_.inode(source.inode).directory;
  if (directory && is_below(target.directory, source.inode)) return -EINVAL;
  if (target.inode != 0 && is_below(source.directory, target.inode)) return -ENOTEMPTY;
  if (target.inode != 0) {
    const SimulatedMedia::Inode& replaced = media_.inode(target.inode);
    if (replaced.directory && !directory) return -EISDIR;
    if (!replaced.directory && directory) return -ENOTDIR;
    if (replaced.directory && !replaced.names.empty()) return -ENOTEMPTY;
  }
  media_.change_names({{source.directory, source.name, 0}, {target.directory, target.name, source.inode}});
  return 0;
}

}  // namespace sampan::disk::testing
