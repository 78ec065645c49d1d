#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

/// The headers of lessons S14 to S16. A text may hold any bytes: in JSON it is what Python makes of them.
namespace sampan::wire::tutorial {

/// S14, before an answer: {"md5": .., "file_name": .., "total_size": ..}.
struct AnswerHeader {
  std::string md5;
  std::string file_name;
  std::uint64_t total_size = 0;
  bool operator==(const AnswerHeader&) const = default;
};

/// S15, before a file: {"file_path": .., "file_name": .., "file_size": ..}.
struct FileHeader {
  std::string file_path;  ///< where the sender has the file: nobody's business; a reader does without it
  std::string file_name;
  std::uint64_t file_size = 0;
  bool operator==(const FileHeader&) const = default;
};

/// S16, before a file and perhaps the next request: {"cmd": .., "filename": .., "filesize": ..}.
struct RequestHeader {
  std::string command;
  std::optional<std::string> file_name;    ///< `put` needs it
  std::optional<std::uint64_t> file_size;  ///< so many bytes follow; absent: none
  bool operator==(const RequestHeader&) const = default;
};

/// The length and the header, as Python's pack and dumps write them. invalid where the header would pass
/// header_max.
Result<std::string> encode_header(const AnswerHeader& header);
Result<std::string> encode_header(const FileHeader& header);
Result<std::string> encode_header(const RequestHeader& header);

/// From the JSON alone: any order, white space, raw UTF-8 or escapes, unknown fields; of two equal keys the
/// last counts. bad_request, naming the field: no JSON object, a text that is no string or has more than 4096
/// bytes, a size that is no whole number from 0 to 2^63-1.
Result<AnswerHeader> decode_answer_header(std::string_view json);
Result<FileHeader> decode_file_header(std::string_view json);
Result<RequestHeader> decode_request_header(std::string_view json);

}  // namespace sampan::wire::tutorial
