#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <tuple>

#include "wire/native/message.h"

/// What each message is on the wire: the one table that json_reader.h and json_writer.h follow. A new field
/// is a member in message.h and an entry here; a new operation is one row more.
namespace sampan::wire::native {

/// A field's name as a template argument, so that its keys are put together by the compiler.
template <std::size_t Size>
struct FieldName {
  char text[Size];                                                                        // with the NUL
  constexpr FieldName(const char (&literal)[Size]) { std::copy_n(literal, Size, text); }  // NOLINT
  constexpr std::string_view view() const { return {text, Size - 1}; }
};

template <std::size_t Left, std::size_t Right>
constexpr auto joined(const FieldName<Left>& left, const char (&right)[Right]) {
  char both[Left + Right - 1] = {};
  std::copy_n(right, Right, std::copy_n(left.text, Left - 1, both));
  return FieldName<Left + Right - 1>(both);
}

enum class Spelling { as_type, base64 };

template <FieldName literal, class Message, class Value, Spelling how>
struct Field {
  static constexpr auto name_text = literal;
  static constexpr auto bytes_text = joined(literal, "_bytes");
  static constexpr std::string_view name = name_text.view();
  /// Where a PathText that is not UTF-8 stands.
  static constexpr std::string_view bytes_name = bytes_text.view();
  static constexpr Spelling spelling = how;

  Value Message::*member;
};

template <FieldName name, class Message, class Value>
constexpr auto field(Value Message::*member) {
  return Field<name, Message, Value, Spelling::as_type>{member};
}

/// Raw bytes in base64.
template <FieldName name, class Message, class Value>
constexpr auto base64_field(Value Message::*member) {
  return Field<name, Message, Value, Spelling::base64>{member};
}

template <class... Fields>
struct Shape {
  std::string_view op;  ///< empty: not a request
  std::tuple<Fields...> fields;
};

template <class... Fields>
constexpr auto request(std::string_view op, Fields... fields) {
  return Shape<Fields...>{op, {fields...}};
}

template <class... Fields>
constexpr auto object(Fields... fields) {
  return Shape<Fields...>{{}, {fields...}};
}

struct NoShape {};
template <class T>
inline constexpr NoShape shape{};

template <class T>
concept Described = !std::is_same_v<decltype(shape<T>), const NoShape>;

// clang-format off
// ---- requests ----
template <> inline constexpr auto shape<Auth> = request("auth",
    field<"mechanism">(&Auth::mechanism), base64_field<"sasl">(&Auth::sasl));
template <> inline constexpr auto shape<Ping> = request("ping");
template <> inline constexpr auto shape<Quit> = request("quit");
template <> inline constexpr auto shape<Stat> = request("stat", field<"path">(&Stat::path));
template <> inline constexpr auto shape<List> = request("list",
    field<"path">(&List::path), field<"cursor">(&List::cursor), field<"limit">(&List::limit));
template <> inline constexpr auto shape<MakeDirectory> = request("mkdir",
    field<"path">(&MakeDirectory::path), field<"mode">(&MakeDirectory::mode),
    field<"parents">(&MakeDirectory::parents));
template <> inline constexpr auto shape<RemoveDirectory> = request("rmdir",
    field<"path">(&RemoveDirectory::path));
template <> inline constexpr auto shape<Remove> = request("remove", field<"path">(&Remove::path));
template <> inline constexpr auto shape<Rename> = request("rename",
    field<"from">(&Rename::from), field<"to">(&Rename::to), field<"replace">(&Rename::replace));
template <> inline constexpr auto shape<SetAttributes> = request("set",
    field<"path">(&SetAttributes::path), field<"mtime">(&SetAttributes::mtime),
    field<"mode">(&SetAttributes::mode));
template <> inline constexpr auto shape<DigestOf> = request("digest", field<"path">(&DigestOf::path));
template <> inline constexpr auto shape<Quota> = request("quota");
template <> inline constexpr auto shape<Put> = request("put",
    field<"path">(&Put::path), field<"digest">(&Put::digest), field<"mtime">(&Put::mtime),
    field<"mode">(&Put::mode));
template <> inline constexpr auto shape<UploadBegin> = request("upload.begin",
    field<"path">(&UploadBegin::path), field<"size">(&UploadBegin::size),
    field<"mtime">(&UploadBegin::mtime), field<"mode">(&UploadBegin::mode));
template <> inline constexpr auto shape<UploadChunk> = request("upload.chunk",
    field<"upload">(&UploadChunk::upload), field<"index">(&UploadChunk::index),
    field<"digest">(&UploadChunk::digest));
template <> inline constexpr auto shape<UploadCommit> = request("upload.commit",
    field<"upload">(&UploadCommit::upload), field<"digest">(&UploadCommit::digest));
template <> inline constexpr auto shape<UploadList> = request("upload.list");
template <> inline constexpr auto shape<UploadAbort> = request("upload.abort",
    field<"path">(&UploadAbort::path));
template <> inline constexpr auto shape<Get> = request("get",
    field<"path">(&Get::path), field<"if_digest">(&Get::if_digest));
template <> inline constexpr auto shape<DownloadRead> = request("download.read",
    field<"download">(&DownloadRead::download), field<"offset">(&DownloadRead::offset),
    field<"length">(&DownloadRead::length));
template <> inline constexpr auto shape<DownloadEnd> = request("download.end",
    field<"download">(&DownloadEnd::download));

// ---- replies ----
template <> inline constexpr auto shape<Done> = object();
template <> inline constexpr auto shape<AuthStep> = object(
    base64_field<"sasl">(&AuthStep::sasl), field<"done">(&AuthStep::done), field<"kdf">(&AuthStep::kdf),
    field<"user">(&AuthStep::user));
template <> inline constexpr auto shape<Entry> = object(
    field<"name">(&Entry::name), field<"type">(&Entry::type), field<"size">(&Entry::size),
    field<"mtime">(&Entry::mtime), field<"mode">(&Entry::mode));
template <> inline constexpr auto shape<Page> = object(field<"next">(&Page::next));
template <> inline constexpr auto shape<DigestReply> = object(
    field<"digest">(&DigestReply::digest), field<"size">(&DigestReply::size));
template <> inline constexpr auto shape<QuotaReply> = object(
    field<"used">(&QuotaReply::used), field<"limit">(&QuotaReply::limit),
    field<"free">(&QuotaReply::free), field<"files">(&QuotaReply::files),
    field<"max_files">(&QuotaReply::max_files));
template <> inline constexpr auto shape<Receipt> = object(
    field<"path">(&Receipt::path), field<"size">(&Receipt::size), field<"digest">(&Receipt::digest),
    field<"mtime">(&Receipt::mtime));
template <> inline constexpr auto shape<UploadReady> = object(
    field<"upload">(&UploadReady::upload), field<"chunk_size">(&UploadReady::chunk_size),
    field<"have">(&UploadReady::have));
template <> inline constexpr auto shape<UploadEntry> = object(
    field<"path">(&UploadEntry::path), field<"size">(&UploadEntry::size),
    field<"present">(&UploadEntry::present), field<"last_activity">(&UploadEntry::last_activity));
template <> inline constexpr auto shape<Uploads> = object();
template <> inline constexpr auto shape<GetReady> = object(
    field<"size">(&GetReady::size), field<"mtime">(&GetReady::mtime), field<"mode">(&GetReady::mode),
    field<"digest">(&GetReady::digest), field<"download">(&GetReady::download),
    field<"chunk_size">(&GetReady::chunk_size));
template <> inline constexpr auto shape<Greeting> = object(
    field<"sampan">(&Greeting::sampan), field<"features">(&Greeting::features),
    field<"digests">(&Greeting::digests), field<"mechanisms">(&Greeting::mechanisms),
    field<"limits">(&Greeting::limits));

// ---- parts of them ----
template <> inline constexpr auto shape<Kdf> = object(
    field<"name">(&Kdf::name), field<"memory_kib">(&Kdf::memory_kib), field<"passes">(&Kdf::passes),
    field<"lanes">(&Kdf::lanes));
template <> inline constexpr auto shape<Run> = object(
    field<"first">(&Run::first), field<"count">(&Run::count), field<"digest">(&Run::digest));
template <> inline constexpr auto shape<Limits> = object(
    field<"chunk_size">(&Limits::chunk_size), field<"put_size">(&Limits::put_size),
    field<"list_entries">(&Limits::list_entries));
// clang-format on

}  // namespace sampan::wire::native
