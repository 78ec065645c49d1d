#pragma once

#include "storage/home.h"
#include "wire/native/message.h"

/// Storage's values as the native protocol's: the one place where the two vocabularies meet.
namespace sampan::frontends {

inline constexpr std::size_t put_size_max = 1024 * 1024;   ///< a whole file in one frame
inline constexpr std::size_t chunk_size_max = 256 * 1024;  ///< one piece of a larger one
inline constexpr std::size_t list_entries_max = 1000;      ///< one page
inline constexpr std::size_t open_transfers_max = 64;  ///< uploads and downloads held by one session, each

wire::native::Greeting greeting();
std::string_view type_word(storage::FileType type);
wire::native::Entry entry_message(const storage::Entry& entry);
wire::native::Receipt receipt_message(const storage::Receipt& receipt);
wire::native::UploadReady upload_ready_message(const storage::Upload& upload,
                                               const std::vector<storage::ChunkRun>& have);

}  // namespace sampan::frontends
