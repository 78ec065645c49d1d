#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/connection.h"
#include "client/lanes.h"
#include "client/progress.h"
#include "client/remote_pieces.h"
#include "client/unanswered.h"
#include "disk/part_file.h"

namespace sampan::client {

/// Fills a part with the pieces of one large file that it lacks; where the line asks for it, they come over
/// several connections. Nothing else may be outstanding on the first.
class LargeDownload {
 public:
  /// `file` is open on `connection` as `pieces`, and is the file at `remote_path`. All outlive it.
  LargeDownload(Connection& connection, RemotePieces& pieces, const wire::native::GetReady& file,
                std::string remote_path, disk::PartFile& part, ProgressSink& progress)
      : pieces_(pieces),
        file_(file),
        path_(std::move(remote_path)),
        part_(part),
        progress_(progress),
        lanes_(connection, [this](Connection& lane) { return fetch(lane); }) {}

  /// Every piece is in the part then; it is not yet verified. disk_full, io_error; and refusals of the
  /// server.
  net::Task<Result<>> run();

 private:
  net::Task<> fill(RemotePieces& pieces);
  net::Task<> fetch(Connection& lane);
  std::optional<std::uint64_t> take_index();
  net::Task<> take(RemotePieces& pieces, Unanswered& asked, std::vector<std::byte>& bytes);

  RemotePieces& pieces_;
  const wire::native::GetReady& file_;
  std::string path_;
  disk::PartFile& part_;
  ProgressSink& progress_;
  std::uint64_t next_ = 0;  // the first piece that nobody has asked for
  Returned returned_;       // pieces that a lost connection did not get through
  Result<> outcome_;        // what keeps more pieces from being asked for
  Lanes lanes_;
};

}  // namespace sampan::client
