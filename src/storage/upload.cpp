#include "storage/upload.h"

#include <algorithm>

#include "base/random.h"
#include "storage/home.h"

namespace sampan::storage {

Upload::Upload(Home& home, FilePlan plan, std::unique_ptr<StagedChunks> staged)
    : home_(home),
      id_(random_token()),
      plan_(std::move(plan)),
      chunk_size_(staged->chunk_size()),
      staged_(std::move(staged)) {}

Result<std::vector<ChunkRun>> Upload::have() const {
  const std::lock_guard lock(mutex_);
  if (!staged_) return fail(ErrorCode::superseded);
  return staged_->runs();
}

Result<> Upload::accept(std::uint64_t index, ByteView bytes, const std::optional<Digest>& digest) {
  const std::lock_guard lock(mutex_);
  if (!staged_) return fail(ErrorCode::superseded);
  return staged_->write_chunk(index, bytes, digest);
}

Result<Receipt> Upload::commit(const Digest& digest) {
  const std::lock_guard lock(mutex_);
  if (!staged_) return fail(ErrorCode::superseded);
  const auto real = staged_->digest();
  if (!real) return fail(real.error());
  if (*real != digest) {
    home_.forget_upload(plan_.path, *staged_);
    end();
    return fail(ErrorCode::wrong_digest);
  }
  if (auto sealed = staged_->seal(digest); !sealed) return fail(sealed.error());
  if (auto named = home_.publish_upload(*staged_, plan_.path); !named) return fail(named.error());
  end();
  if (auto durable = home_.sync_name(plan_.path); !durable) return fail(durable.error());
  return Receipt{plan_.path, plan_.size, digest, plan_.mtime};
}

void Upload::supersede() {
  const std::lock_guard lock(mutex_);
  end();
}

void Upload::end() {
  staged_.reset();
  over_ = true;
}

std::uint64_t Upload::bytes_present() const {
  const std::lock_guard lock(mutex_);
  if (!staged_) return 0;
  return std::min(plan_.size, staged_->chunks_present() * chunk_size_);
}

}  // namespace sampan::storage
