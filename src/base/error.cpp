#include "base/error.h"

#include <array>

#include "base/quantity.h"

namespace sampan {
namespace {

struct Row {
  ErrorCode code;
  std::string_view word;
  std::string_view sentence;
  int exit;
};

// In the order of the enum: row i is code i (held by error_test).
constexpr std::array rows = {
    Row{ErrorCode::not_found, "not_found", "no such file or directory", 4},
    Row{ErrorCode::exists, "exists", "already exists", 8},
    Row{ErrorCode::not_empty, "not_empty", "directory not empty", 8},
    Row{ErrorCode::is_a_directory, "is_a_directory", "is a directory", 8},
    Row{ErrorCode::not_a_directory, "not_a_directory", "not a directory", 8},
    Row{ErrorCode::not_a_file, "not_a_file", "not a regular file", 8},
    Row{ErrorCode::invalid, "invalid", "not valid", 2},
    Row{ErrorCode::denied, "denied", "permission denied", 3},
    Row{ErrorCode::login_required, "login_required", "log in first", 3},
    Row{ErrorCode::login_failed, "login_failed", "login failed: unknown user or wrong password", 3},
    Row{ErrorCode::login_paused, "login_paused", "too many failed logins", 5},
    Row{ErrorCode::over_quota, "over_quota", "quota exceeded", 7},
    Row{ErrorCode::too_many_files, "too_many_files", "too many files", 7},
    Row{ErrorCode::disk_full, "disk_full", "no space left on the disk", 7},
    Row{ErrorCode::wrong_digest, "wrong_digest", "the bytes do not match their digest", 6},
    Row{ErrorCode::changed, "changed", "the file changed during the transfer", 6},
    Row{ErrorCode::superseded, "superseded", "another session took this upload over", 5},
    Row{ErrorCode::incomplete, "incomplete", "not all chunks have arrived", 5},
    Row{ErrorCode::no_such_transfer, "no_such_transfer", "no such transfer, or it has expired", 5},
    Row{ErrorCode::busy, "busy", "the server is busy: try again later", 5},
    Row{ErrorCode::unsupported, "unsupported", "not supported", 2},
    Row{ErrorCode::bad_request, "bad_request", "not the protocol", 5},
    Row{ErrorCode::timed_out, "timed_out", "timed out", 5},
    Row{ErrorCode::connection_lost, "connection_lost", "connection lost", 5},
    Row{ErrorCode::wrong_peer, "wrong_peer", "the server is not the one expected", 9},
    Row{ErrorCode::io_error, "io_error", "input/output error", 5},
    Row{ErrorCode::interrupted, "interrupted", "interrupted", 130},
};

const Row& row_of(ErrorCode code) {
  return rows.at(static_cast<std::size_t>(code));
}

std::string room_sentence(ErrorCode code, const Room& room) {
  const std::uint64_t left = room.limit > room.used ? room.limit - room.used : 0;
  if (code == ErrorCode::too_many_files)
    return "needs " + std::to_string(room.needed) + ", " + std::to_string(left) + " of " +
           std::to_string(room.limit) + " entries left";
  return "needs " + format_size(room.needed) + ", " + format_size(left) + " of " + format_size(room.limit) +
         " left";
}

}  // namespace

std::string Error::message() const {
  std::string sentence(row_of(code_).sentence);
  if (room_) sentence += ": " + room_sentence(code_, *room_);
  if (!detail_.empty()) sentence += ": " + detail_;
  return sentence;
}

std::string_view error_word(ErrorCode code) {
  return row_of(code).word;
}

std::optional<ErrorCode> error_of_word(std::string_view word) {
  for (const Row& row : rows)
    if (row.word == word) return row.code;
  return std::nullopt;
}

int exit_code(ErrorCode code) {
  return row_of(code).exit;
}

}  // namespace sampan
