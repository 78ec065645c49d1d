#include "frontends/native/native_replies.h"

#include <algorithm>

#include "login/scram.h"

namespace sampan::frontends {

wire::native::Greeting greeting() {
  wire::native::Greeting greeting;
  greeting.sampan = 1;
  greeting.features = {"put", "upload", "download", "set"};
  greeting.digests = {"blake3"};
  greeting.mechanisms = {std::string(login::scram_mechanism)};
  greeting.limits = {chunk_size_max, put_size_max, list_entries_max};
  return greeting;
}

std::string_view type_word(storage::FileType type) {
  switch (type) {
    case storage::FileType::file:
      return "file";
    case storage::FileType::directory:
      return "directory";
    case storage::FileType::link:
      return "link";
    case storage::FileType::other:
      break;
  }
  return "other";
}

wire::native::Entry entry_message(const storage::Entry& entry) {
  return {{entry.name}, std::string(type_word(entry.type)), entry.size, entry.mtime, {entry.mode}};
}

wire::native::Receipt receipt_message(const storage::Receipt& receipt) {
  return {{receipt.path.text()}, receipt.size, receipt.digest, receipt.mtime};
}

wire::native::UploadReady upload_ready_message(const storage::Upload& upload,
                                               const std::vector<storage::ChunkRun>& have) {
  wire::native::UploadReady ready = {upload.id(), upload.chunk_size(), {}};
  // A header holds 64 KiB; runs that do not fit are sent again rather than named.
  constexpr std::size_t runs_max = 400;
  for (std::size_t i = 0; i < std::min(have.size(), runs_max); ++i)
    ready.have.push_back({have[i].first, have[i].count, have[i].digest});
  return ready;
}

}  // namespace sampan::frontends
