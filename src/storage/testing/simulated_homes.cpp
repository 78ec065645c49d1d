#include "storage/testing/simulated_homes.h"

#include <algorithm>
#include <stdexcept>

namespace sampan::storage::testing {
namespace {

const std::string top(disk::testing::SimulatedDisk::root_path);
constexpr FileTime mtime = {1'000'000'000, 7};

ByteView piece_of(const std::string& bytes, std::uint64_t index) {
  return as_bytes(std::string_view(bytes).substr(index * SimulatedHomes::chunk, SimulatedHomes::chunk));
}

void must(const Result<>& outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().message());
}

}  // namespace

SimulatedHomes::SimulatedHomes() : mounted_(disk_) {
  for (const char* folder : {"/homes", "/staging"})
    if (!disk::Directory::make_trusted(top + folder, 0700)) throw std::runtime_error(folder);
  must(make_home(*disk::Directory::open_trusted(top + "/homes"), "alice"));
  must(restart());
}

SimulatedHomes::SimulatedHomes(const SimulatedHomes& other) : disk_(other.disk_), mounted_(disk_) {
  must(restart());
}

SimulatedHomes::SimulatedHomes(const SimulatedHomes& other, const disk::testing::Survival& survival)
    : disk_(other.disk_), mounted_(disk_) {
  disk_.cut_power(survival);
  must(restart());
}

Result<> SimulatedHomes::restart() {
  auto homes = disk::Directory::open_trusted(top + "/homes");
  if (!homes) return fail(homes.error());
  auto staging = disk::Directory::open_trusted(top + "/staging");
  if (!staging) return fail(staging.error());
  auto fresh = std::make_unique<Homes>(std::move(*homes), std::move(*staging), chunk);
  auto home = fresh->open("alice");
  if (!home) return fail(home.error());
  held_.reset();
  home_ = std::move(*home);
  homes_ = std::move(fresh);
  return {};
}

Result<> SimulatedHomes::put(const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<WholeFile> whole;
  for (const auto& [path, bytes] : files)
    whole.push_back(
        {{path_of(path), bytes.size(), mtime, 0644}, as_bytes(bytes), digest_of(as_bytes(bytes))});
  for (const Result<Receipt>& receipt : home_->put(whole))
    if (!receipt) return fail(receipt.error());
  return {};
}

Result<> SimulatedHomes::send(const std::string& path, const std::string& bytes,
                              const std::vector<std::uint64_t>& indices, bool hold) {
  const auto upload = home_->begin_upload({path_of(path), bytes.size(), mtime, 0640});
  if (!upload) return fail(upload.error());
  for (const std::uint64_t index : indices)
    if (auto accepted = (*upload)->accept(index, piece_of(bytes, index), std::nullopt); !accepted)
      return accepted;
  if (hold) held_ = *upload;
  return {};
}

Result<> SimulatedHomes::upload(const std::string& path, const std::string& bytes,
                                const std::vector<std::uint64_t>& order, const Digest& digest) {
  const auto upload = home_->begin_upload({path_of(path), bytes.size(), mtime, 0640});
  if (!upload) return fail(upload.error());
  const auto have = (*upload)->have();
  if (!have) return fail(have.error());
  const auto is_there = [&](std::uint64_t index) {
    return std::ranges::any_of(
        *have, [&](const ChunkRun& run) { return index >= run.first && index - run.first < run.count; });
  };
  // What is said to be there must be there, on the disk and not only in somebody's memory.
  std::string on_disk;
  for (const auto& [name, node] : staging())
    if (name.ends_with(disk::part_suffix)) on_disk = node.bytes;
  for (const ChunkRun& run : *have)
    if (digest_of(as_bytes(std::string_view(on_disk).substr(run.first * chunk, run.count * chunk))) !=
        run.digest)
      return fail(ErrorCode::bad_request, "a resume that claims what is not on the disk");
  for (const std::uint64_t index : order)
    if (!is_there(index))
      if (auto accepted = (*upload)->accept(index, piece_of(bytes, index), std::nullopt); !accepted)
        return accepted;
  const auto receipt = (*upload)->commit(digest);
  return receipt ? Result<>() : fail(receipt.error());
}

Result<> SimulatedHomes::make_directory(const std::string& path, bool parents) {
  return home_->make_directory(path_of(path), 0750, parents);
}
Result<> SimulatedHomes::make_directories(const std::vector<std::string>& paths) {
  std::vector<NewDirectory> directories;
  for (const std::string& path : paths) directories.push_back({path_of(path), 0750, false});
  for (Result<>& outcome : home_->make_directories(directories))
    if (!outcome) return std::move(outcome);
  return {};
}
Result<> SimulatedHomes::remove_file(const std::string& path) {
  return home_->remove_file(path_of(path));
}
Result<> SimulatedHomes::remove_directory(const std::string& path) {
  return home_->remove_directory(path_of(path));
}
Result<> SimulatedHomes::rename(const std::string& from, const std::string& to, bool replace) {
  return home_->rename(path_of(from), path_of(to), replace);
}
Result<> SimulatedHomes::set(const std::string& path, std::optional<FileTime> time,
                             std::optional<std::uint32_t> mode) {
  return home_->set_attributes(path_of(path), time, mode);
}
Result<> SimulatedHomes::abort(const std::string& path) {
  return home_->abort_upload(path_of(path));
}
Result<> SimulatedHomes::expire() {
  homes_->expire_uploads({INT64_MAX, 0});
  return {};
}
Result<Digest> SimulatedHomes::digest(const std::string& path) {
  const auto file = home_->open_file(path_of(path));
  if (!file) return fail(file.error());
  return (*file)->digest();
}
Result<> SimulatedHomes::purge() {
  auto homes = disk::Directory::open_trusted(top + "/homes");
  if (!homes) return fail(homes.error());
  auto staging = disk::Directory::open_trusted(top + "/staging");
  if (!staging) return fail(staging.error());
  return purge_home(*homes, *staging, "alice");
}

Usage SimulatedHomes::on_disk() const {
  Usage usage;
  for (const auto& [path, node] : tree()) {
    usage.files += 1;
    usage.bytes += node.bytes.size();
  }
  const auto aside = disk::Directory::open_trusted(top + "/staging/alice");
  for (const auto& [name, node] : staging()) {
    if (!name.ends_with(disk::part_suffix)) continue;
    const auto plan =
        disk::PartFile::read_plan(*aside, name.substr(0, name.size() - disk::part_suffix.size()));
    usage.files += 1;
    usage.bytes += plan ? plan->size : node.bytes.size();
  }
  return usage;
}

std::string SimulatedHomes::bytes_of(std::size_t size, char first) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(first + i * 7 + i / 1000);
  return bytes;
}

}  // namespace sampan::storage::testing
