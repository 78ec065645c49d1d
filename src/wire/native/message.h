#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "base/file_time.h"

/// The native protocol's messages as values; docs/protocol.md is their text. Field names here are the names
/// on the wire: fields.h ties them together, once for reading and writing, client and server.
namespace sampan::wire::native {

/// Bytes of a path, a name or any other text field, before escaping; what is longer is invalid. Keeps every
/// header below header_max.
inline constexpr std::size_t text_max = 4096;
/// Runs that "have" can name. The writer leaves the rest out: chunks that are not named are sent once more,
/// nothing worse.
inline constexpr std::size_t runs_max = 400;

/// A path or a name: bytes. On the wire a JSON string where they are UTF-8, else base64 in the field with
/// "_bytes" behind its name.
struct PathText {
  std::string bytes;
  bool operator==(const PathText&) const = default;
};

/// Permission bits; on the wire an octal string, "0644".
struct Mode {
  std::uint32_t bits = 0;  ///< 0..0777
  bool operator==(const Mode&) const = default;
};

/// "kdf":{"name":"argon2id","memory_kib":19456,"passes":2,"lanes":1}
struct Kdf {
  std::string name = "argon2id";
  std::uint64_t memory_kib = 0;
  std::uint64_t passes = 0;
  std::uint64_t lanes = 0;
};

/// One of "have": chunks first .. first + count - 1; the digest covers the bytes of all of them.
struct Run {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  Digest digest;
};

// ---- requests ----

struct Auth {
  std::optional<std::string> mechanism;
  std::string sasl;  ///< raw bytes; base64 on the wire
};
struct Ping {};
struct Quit {};
struct Stat {
  PathText path;
};
struct List {
  PathText path;
  std::optional<std::string> cursor;  ///< Page::next of the page before
  std::optional<std::uint64_t> limit;
};
struct MakeDirectory {
  PathText path;
  std::optional<Mode> mode;
  std::optional<bool> parents;
};
struct RemoveDirectory {
  PathText path;
};
struct Remove {
  PathText path;
};
struct Rename {
  PathText from;
  PathText to;
  std::optional<bool> replace;
};
struct SetAttributes {
  PathText path;
  std::optional<FileTime> mtime;
  std::optional<Mode> mode;
};
struct DigestOf {
  PathText path;
};
struct Quota {};
/// The body is the file.
struct Put {
  PathText path;
  Digest digest;
  FileTime mtime;
  std::optional<Mode> mode;
};
struct UploadBegin {
  PathText path;
  std::uint64_t size = 0;
  FileTime mtime;
  std::optional<Mode> mode;
};
/// The body is the chunk.
struct UploadChunk {
  std::string upload;
  std::uint64_t index = 0;
  std::optional<Digest> digest;
};
struct UploadCommit {
  std::string upload;
  Digest digest;
};
struct UploadList {};
struct UploadAbort {
  PathText path;
};
struct Get {
  PathText path;
  std::optional<Digest> if_digest;
};
struct DownloadRead {
  std::string download;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
struct DownloadEnd {
  std::string download;
};

using Operation = std::variant<Auth, Ping, Quit, Stat, List, MakeDirectory, RemoveDirectory, Remove, Rename,
                               SetAttributes, DigestOf, Quota, Put, UploadBegin, UploadChunk, UploadCommit,
                               UploadList, UploadAbort, Get, DownloadRead, DownloadEnd>;

struct Request {
  std::uint64_t id = 0;    ///< the client's, given back in the reply
  std::uint64_t body = 0;  ///< bytes that follow the header
  Operation operation;
};

// ---- replies ----

struct Limits {
  std::uint64_t chunk_size = 0;
  std::uint64_t put_size = 0;
  std::uint64_t list_entries = 0;
};

/// The server's first frame; has no id.
struct Greeting {
  std::uint64_t sampan = 1;  ///< the protocol's version; another one ends the conversation
  std::vector<std::string> features;
  std::vector<std::string> digests;
  std::vector<std::string> mechanisms;
  Limits limits;
};
/// "ok":true and nothing else.
struct Done {};
struct AuthStep {
  std::string sasl;
  bool done = false;
  std::optional<Kdf> kdf;
  std::optional<std::string> user;
};
struct Entry {
  PathText name;
  std::string type;  ///< file, directory, link, other
  std::uint64_t size = 0;
  FileTime mtime;
  Mode mode;
};

/// The body is a JSON array of Entry. next: opaque to the client; UTF-8, so not simply a name.
struct Page {
  std::optional<std::string> next;
};
struct DigestReply {
  Digest digest;
  std::uint64_t size = 0;
};
struct QuotaReply {
  std::uint64_t used = 0;
  std::optional<std::uint64_t> limit;
  std::optional<std::uint64_t> free;
  std::uint64_t files = 0;
  std::optional<std::uint64_t> max_files;
};
struct Receipt {
  PathText path;
  std::uint64_t size = 0;
  Digest digest;
  FileTime mtime;
};
struct UploadReady {
  std::string upload;
  std::uint64_t chunk_size = 0;
  std::vector<Run> have;
};
struct UploadEntry {
  PathText path;
  std::uint64_t size = 0;
  std::uint64_t present = 0;  ///< bytes
  FileTime last_activity;     ///< it expires a day later
};
/// The body is a JSON array of UploadEntry.
struct Uploads {};
/// A small file is the body; a large one is read through `download`.
struct GetReady {
  std::uint64_t size = 0;
  FileTime mtime;
  Mode mode;
  Digest digest;
  std::optional<std::string> download;
  std::optional<std::uint64_t> chunk_size;
};

}  // namespace sampan::wire::native
