#include "net/buffered_reader.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "net/buffer_pool.h"

namespace sampan::net {

struct BufferedReader::Buffer {
  PooledBuffer memory;
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t count() const { return end - begin; }
  ByteSpan free_room() { return memory.bytes().subspan(end); }
  // Makes room for `needed` bytes in a row from `begin` on.
  void make_room(std::size_t needed) {
    if (begin + needed <= PooledBuffer::size) return;
    std::memmove(memory.bytes().data(), memory.bytes().data() + begin, count());
    end = count();
    begin = 0;
  }
};

BufferedReader::BufferedReader(ByteStream& stream) : stream_(stream) {}
BufferedReader::~BufferedReader() = default;

ByteView BufferedReader::buffered() const {
  if (!buffer_) return {};
  return buffer_->memory.bytes().subspan(buffer_->begin, buffer_->count());
}

Task<ByteView> BufferedReader::peek(std::size_t count) {
  assert(count <= PooledBuffer::size / 2);
  while (buffered().size() < count) {
    if (!buffer_) {
      co_await stream_.wait_readable();
      buffer_ = std::make_unique<Buffer>();
    }
    buffer_->make_room(count);
    const std::size_t got = co_await stream_.read_some(buffer_->free_room());
    if (got == 0) co_return buffered();
    buffer_->end += got;
  }
  co_return buffered().first(count);
}

void BufferedReader::read_ahead() {
  if (!buffer_) buffer_ = std::make_unique<Buffer>();
  while (buffer_->count() < PooledBuffer::size) {
    buffer_->make_room(buffer_->count() + 1);
    const std::size_t got = stream_.read_now(buffer_->free_room());
    buffer_->end += got;
    if (got == 0) break;
  }
  if (buffer_->count() == 0) buffer_.reset();
}

void BufferedReader::consume(std::size_t count) {
  assert(count <= buffered().size());
  if (count == 0) return;
  buffer_->begin += count;
  if (buffer_->count() == 0) buffer_.reset();
}

Task<> BufferedReader::read_exactly(ByteSpan room) {
  const std::size_t here = std::min(room.size(), buffered().size());
  if (here != 0) std::memcpy(room.data(), buffered().data(), here);
  consume(here);
  for (room = room.subspan(here); !room.empty();) {
    const std::size_t got = co_await stream_.read_some(room);
    if (got == 0) throw StreamError(ErrorCode::connection_lost);
    room = room.subspan(got);
  }
}

Task<> BufferedReader::skip(std::uint64_t count) {
  while (count != 0) {
    const ByteView here = co_await peek(1);
    if (here.empty()) throw StreamError(ErrorCode::connection_lost);
    const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(count, buffered().size()));
    consume(now);
    count -= now;
  }
}

}  // namespace sampan::net
