#include "disk/part_journal.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/system_error.h"
#include "disk/read_at.h"

namespace sampan::disk {
namespace {

constexpr std::string_view magic = "SAMPANJ1";
constexpr std::size_t check_size = 8;
constexpr std::size_t record_size = 8 + Digest::size + check_size;
constexpr std::size_t plan_max = 64 * 1024;
constexpr std::uint64_t prefix_bit = 1ULL << 63;

std::string check_of(std::string_view bytes) {
  return std::string(as_text(digest_of(as_bytes(bytes)).bytes().first(check_size)));
}

template <class Integer, class Store>
void put(std::string& out, Integer value, Store store) {
  std::array<std::byte, sizeof(Integer)> bytes;
  store(bytes, value);
  out += as_text(bytes);
}
void put32(std::string& out, std::uint32_t value) {
  put(out, value, store_le32);
}
void put64(std::string& out, std::uint64_t value) {
  put(out, value, store_le64);
}
void put_text(std::string& out, std::string_view text) {
  put32(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

std::string encode_plan(const PartPlan& plan) {
  std::string out;
  put64(out, plan.size);
  put32(out, plan.chunk_size);
  put64(out, static_cast<std::uint64_t>(plan.mtime.seconds));
  put32(out, static_cast<std::uint32_t>(plan.mtime.nanoseconds));
  put32(out, plan.mode);
  put_text(out, plan.target);
  put_text(out, plan.tag);
  return out;
}

// Takes values off the front; `failed` once there was too little.
struct Taker {
  std::string_view rest;
  bool failed = false;

  std::string_view take(std::size_t count) {
    if (count > rest.size()) failed = true;
    const std::string_view taken = rest.substr(0, failed ? 0 : count);
    rest.remove_prefix(taken.size());
    return taken;
  }
  std::uint32_t take32() {
    const auto taken = take(4);
    return failed ? 0 : load_le32(as_bytes(taken));
  }
  std::uint64_t take64() {
    const auto taken = take(8);
    return failed ? 0 : load_le64(as_bytes(taken));
  }
};

Result<PartPlan> decode_plan(std::string_view text) {
  Taker from{text};
  PartPlan plan;
  plan.size = from.take64();
  plan.chunk_size = from.take32();
  plan.mtime.seconds = static_cast<std::int64_t>(from.take64());
  plan.mtime.nanoseconds = static_cast<std::int32_t>(from.take32());
  plan.mode = from.take32();
  plan.target = from.take(from.take32());
  plan.tag = from.take(from.take32());
  if (from.failed || plan.chunk_size == 0) return fail(ErrorCode::not_found);
  return plan;
}

std::string encode_record(const PartRecord& record) {
  std::string out;
  put64(out, record.index | (record.prefix ? prefix_bit : 0));
  out += as_text(record.digest.bytes());
  return out + check_of(out);
}

std::optional<PartRecord> decode_record(std::string_view bytes) {
  const std::string_view body = bytes.substr(0, record_size - check_size);
  if (check_of(body) != bytes.substr(body.size())) return std::nullopt;
  const std::uint64_t index = load_le64(as_bytes(body));
  const ByteView digest = as_bytes(body.substr(8));
  return PartRecord{index & ~prefix_bit, (index & prefix_bit) != 0,
                    Digest(std::span<const std::byte, Digest::size>(digest.data(), Digest::size))};
}

Result<UniqueFd> open_journal(const Directory& directory, const std::string& name) {
  UniqueFd fd(openat(directory.fd(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return fail(system_error(errno, "open"));
  return fd;
}

// The plan, and where the records begin.
Result<std::pair<PartPlan, std::uint64_t>> read_head(int fd) {
  std::array<std::byte, 12> head;
  const auto got = read_at(fd, head, 0);
  if (!got) return fail(got.error());
  if (*got < head.size() || as_text(ByteView(head).first(magic.size())) != magic)
    return fail(ErrorCode::not_found);
  const std::uint32_t length = load_le32(ByteView(head).subspan(magic.size()));
  if (length > plan_max) return fail(ErrorCode::not_found);
  std::string rest(length + check_size, '\0');
  const auto more = read_at(fd, std::as_writable_bytes(std::span(rest)), head.size());
  if (!more) return fail(more.error());
  const std::string_view text = std::string_view(rest).substr(0, length);
  if (*more < rest.size() || check_of(text) != std::string_view(rest).substr(length))
    return fail(ErrorCode::not_found);
  auto plan = decode_plan(text);
  if (!plan) return fail(plan.error());
  return std::pair(std::move(*plan), head.size() + rest.size());
}

}  // namespace

Result<> write_journal(const Directory& directory, const std::string& name, const PartJournal& journal) {
  const std::string plan = encode_plan(journal.plan);
  if (plan.size() > plan_max) return fail(ErrorCode::invalid, "a path or tag that is too long");
  std::string bytes(magic);
  put_text(bytes, plan);
  bytes += check_of(plan);
  for (const PartRecord& record : journal.records) bytes += encode_record(record);

  const std::string fresh = name + ".new";
  const UniqueFd fd(
      openat(directory.fd(), fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail(system_error(errno, "create"));
  auto replaced = write_at(fd.get(), as_bytes(bytes), 0);
  if (replaced) replaced = directory.move_to(fresh, directory, name);
  if (!replaced) unlinkat(directory.fd(), fresh.c_str(), 0);
  return replaced;
}

Result<PartJournal> read_journal(const Directory& directory, const std::string& name) {
  const auto fd = open_journal(directory, name);
  if (!fd) return fail(fd.error());
  auto head = read_head(fd->get());
  if (!head) return fail(head.error());
  PartJournal journal;
  journal.plan = std::move(head->first);
  std::vector<std::byte> buffer(record_size * 4096);
  for (std::uint64_t at = head->second;;) {
    const auto got = read_at(fd->get(), buffer, at);
    if (!got) return fail(got.error());
    const std::size_t whole = *got / record_size;
    for (std::size_t i = 0; i < whole; ++i) {
      const auto record = decode_record(as_text(ByteView(buffer).subspan(i * record_size, record_size)));
      if (!record) {
        journal.torn = true;
        return journal;
      }
      journal.records.push_back(*record);
    }
    if (*got < buffer.size()) {
      journal.torn = *got % record_size != 0;
      return journal;
    }
    at += *got;
  }
}

Result<PartPlan> read_journal_plan(const Directory& directory, const std::string& name) {
  const auto fd = open_journal(directory, name);
  if (!fd) return fail(fd.error());
  auto head = read_head(fd->get());
  if (!head) return fail(head.error());
  return std::move(head->first);
}

Result<> append_record(int fd, const PartRecord& record) {
  const std::string bytes = encode_record(record);
  ssize_t put = 0;
  do put = ::write(fd, bytes.data(), bytes.size());
  while (put < 0 && errno == EINTR);
  if (put == static_cast<ssize_t>(bytes.size())) return {};
  if (put < 0) return fail(system_error(errno, "write journal"));
  // A torn record would hide every later one.
  const off_t end = lseek(fd, 0, SEEK_END);
  if (end < put || ftruncate(fd, end - put) != 0) return fail(system_error(errno, "write journal"));
  return fail(ErrorCode::disk_full);
}

}  // namespace sampan::disk
