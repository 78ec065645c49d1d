#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "client/connection.h"
#include "client/hash_ahead.h"
#include "client/lanes.h"
#include "client/progress.h"
#include "client/source.h"
#include "client/unanswered.h"

namespace sampan::client {

/// One large file on its way: offer, fill, commit. Hashes the file once, while it sends or compares it. Where
/// the line asks for it, the chunks go over several connections. Nothing else may be outstanding on the
/// first.
class LargeUpload {
 public:
  LargeUpload(Connection& connection, const Source& source, std::string remote_path, ProgressSink& progress)
      : connection_(connection),
        source_(source),
        path_(std::move(remote_path)),
        progress_(progress),
        ahead_(source),
        lanes_(connection, [this](Connection& lane) { return feed(lane); }) {}

  net::Task<Result<wire::native::Receipt>> run();

 private:
  net::Task<std::optional<wire::native::Receipt>> already_there();
  net::Task<> keep_mode(const wire::native::Entry& there);
  template <class T>
  net::Task<Result<T>> call_and_hash(const wire::native::Operation& operation);
  net::Task<Result<>> hash_beginning(std::uint64_t count, Hasher& hasher);
  net::Task<Result<>> begin();
  net::Task<Result<>> compare_runs();
  net::Task<Result<>> send_missing();
  net::Task<> feed(Connection& lane);
  std::optional<std::uint64_t> take_chunk(ByteSpan room);
  bool read_chunk(std::uint64_t index, ByteSpan room);
  net::Task<> send_chunk(Connection& lane, std::uint64_t index, ByteView bytes);
  net::Task<> acknowledge(Connection& lane, Unanswered& in_flight);
  net::Task<Result<wire::native::Receipt>> commit();
  net::Task<> abandon();

  std::uint64_t length_of(std::uint64_t index) const;
  std::uint64_t present_bytes() const;

  Connection& connection_;
  const Source& source_;
  std::string path_;
  ProgressSink& progress_;
  HashAhead ahead_;
  wire::native::UploadReady ready_;
  Hasher hasher_;
  std::vector<bool> present_;  // chunks that the server has and that are equal here
  std::uint64_t next_ = 0;     // the first chunk that is not yet in hasher_
  Returned returned_;          // chunks that a lost connection did not get through
  Result<> outcome_;           // what keeps more chunks from being sent
  Lanes lanes_;
};

}  // namespace sampan::client
