#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sampan {

/// Every outcome that is not success. One list for storage, the protocols' replies and the exit codes, so
/// that a cause has the same name wherever it is seen. Each has a word (the wire and `--json`), a sentence
/// (people) and an exit code: error.cpp.
enum class ErrorCode : std::uint8_t {
  not_found,         ///< no such file or directory
  exists,            ///< the name is taken
  not_empty,         ///< a directory with entries
  is_a_directory,    ///< a file was asked for
  not_a_directory,   ///< a directory was asked for
  not_a_file,        ///< a FIFO, socket or device: never served
  invalid,           ///< a name, number or option that cannot be; asking again does not help
  denied,            ///< permission, also: outside the home
  login_required,    ///< nothing but the login is possible before it
  login_failed,      ///< unknown user or wrong password, never saying which
  login_paused,      ///< too many failed logins; the detail says how long to wait
  over_quota,        ///< bytes; Error::room says how many
  too_many_files,    ///< entries; Error::room says how many
  disk_full,         ///< the server's (or the local) file system is full
  wrong_digest,      ///< bytes and digest do not match
  changed,           ///< the file is not the one that the transfer began with
  superseded,        ///< another session took this upload over
  incomplete,        ///< a commit before all chunks arrived
  no_such_transfer,  ///< an upload or download id that is unknown here, or expired
  busy,              ///< a limit of the server is reached: try again later
  unsupported,       ///< an operation or mechanism that this server does not have
  bad_request,       ///< bytes that are not the protocol: the connection ends
  timed_out,         ///< nothing moved for too long
  connection_lost,   ///< the peer went away
  wrong_peer,        ///< the server's key or proof is not the expected one
  io_error,          ///< the disk failed
  interrupted,       ///< the person at the terminal said stop
};

/// What was needed and what there was, for over_quota and too_many_files. Bytes, or entries.
struct Room {
  std::uint64_t needed = 0;
  std::uint64_t used = 0;
  std::uint64_t limit = 0;
  bool operator==(const Room&) const = default;
};

/// An outcome that is not success: the code decides, the detail explains. The detail is for people: lower
/// case, one line, names the cause and where there is one the way out; never a path of the server's file
/// system. Empty: the code's own sentence serves.
class Error {
 public:
  Error(ErrorCode code)
      : code_(code) {}  // NOLINT(google-explicit-constructor): `return ErrorCode::busy;` reads well
  Error(ErrorCode code, std::string detail) : code_(code), detail_(std::move(detail)) {}
  Error(ErrorCode code, Room room, std::string detail = {})
      : code_(code), detail_(std::move(detail)), room_(room) {}

  ErrorCode code() const { return code_; }
  const std::string& detail() const { return detail_; }
  const std::optional<Room>& room() const { return room_; }

  /// The whole sentence: "quota exceeded: needs 12.4 MiB, 9.1 MiB of 100 MiB left".
  std::string message() const;

 private:
  ErrorCode code_;
  std::string detail_;
  std::optional<Room> room_;
};

/// The stable word of a code, as the wire and `--json` say it: "over_quota".
std::string_view error_word(ErrorCode code);
/// The code of a word; an unknown word (a newer server's) is nullopt.
std::optional<ErrorCode> error_of_word(std::string_view word);
/// The exit code of the command line that this outcome leads to; the table of `sampan --help`.
int exit_code(ErrorCode code);

}  // namespace sampan
