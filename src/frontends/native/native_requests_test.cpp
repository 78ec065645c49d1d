// Each request, and what it becomes in a home: without a socket or a disk.
#include <algorithm>

#include <gtest/gtest.h>

#include "frontends/testing/native_fixture.h"

namespace sampan::frontends {
namespace {

namespace native = wire::native;
using testing::Answer;
using testing::NativePeer;

constexpr std::size_t chunk_size = 256 * 1024;

class NativeRequestsTest : public testing::NativeTest {
 protected:
  std::optional<ErrorCode> code(const native::Operation& operation, std::string_view body = {}) {
    return peer_.ask(operation, body).code();
  }
  std::optional<ErrorCode> put(const std::string& name, std::string_view bytes) {
    return code(put_of(name, bytes), bytes);
  }
  static native::Rename rename(const std::string& from, const std::string& to, bool replace) {
    native::Rename message;
    message.from.bytes = from;
    message.to.bytes = to;
    message.replace = replace;
    return message;
  }
  static native::UploadBegin begin_of(const std::string& name, std::size_t size) {
    native::UploadBegin begin = at<native::UploadBegin>(name);
    begin.size = size;
    begin.mtime = {1'000'000'000, 5};
    begin.mode = native::Mode{0640};
    return begin;
  }
  static native::UploadChunk chunk_of(const std::string& upload, std::uint64_t index) {
    native::UploadChunk chunk;
    chunk.upload = upload;
    chunk.index = index;
    return chunk;
  }
  static native::UploadCommit commit_of(const std::string& upload, std::string_view bytes) {
    native::UploadCommit commit;
    commit.upload = upload;
    commit.digest = digest_of(as_bytes(bytes));
    return commit;
  }
  static native::DownloadRead read_of(const std::string& download, std::uint64_t offset,
                                      std::uint64_t length) {
    native::DownloadRead read;
    read.download = download;
    read.offset = offset;
    read.length = length;
    return read;
  }
  static std::string bytes(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
    return text;
  }
  std::string_view piece(std::uint64_t index) const {
    return std::string_view(big_).substr(index * chunk_size, chunk_size);
  }

  NativePeer peer_ = log_in();
  const std::string big_ = bytes(4 * chunk_size + 17);
};

TEST_F(NativeRequestsTest, Directories) {
  EXPECT_EQ(code(at<native::MakeDirectory>("/d")), std::nullopt);
  EXPECT_EQ(code(at<native::MakeDirectory>("d")), ErrorCode::exists);
  EXPECT_EQ(code(at<native::MakeDirectory>("a/b/c")), ErrorCode::not_found);
  native::MakeDirectory nested = at<native::MakeDirectory>("a/b/c");
  nested.parents = true;
  nested.mode = native::Mode{0750};
  EXPECT_EQ(code(nested), std::nullopt);
  EXPECT_EQ(peer_.ask(at<native::Stat>("a/b/c")).as<native::Entry>().mode.bits, 0750U);
  EXPECT_EQ(peer_.ask(at<native::Stat>("a/b")).as<native::Entry>().mode.bits, 0755U);
  EXPECT_EQ(code(at<native::RemoveDirectory>("a")), ErrorCode::not_empty);
  EXPECT_EQ(code(at<native::RemoveDirectory>("/")), ErrorCode::denied);
  EXPECT_EQ(code(at<native::RemoveDirectory>("d")), std::nullopt);
  EXPECT_EQ(code(at<native::Stat>("d")), ErrorCode::not_found);
  EXPECT_EQ(used(), (storage::Usage{0, 3}));
}

TEST_F(NativeRequestsTest, PathsThatCannotBeAreRefusedByEach) {
  for (const char* name : {"..", "a/../b", ".", "a/./b"}) {
    const std::vector<native::Operation> operations = {
        at<native::Stat>(name),        at<native::List>(name),  at<native::MakeDirectory>(name),
        at<native::Remove>(name),      at<native::Get>(name),   at<native::RemoveDirectory>(name),
        at<native::DigestOf>(name),    rename(name, "x", true), rename("x", name, true),
        at<native::UploadBegin>(name), put_of(name, ""),        at<native::SetAttributes>(name),
        at<native::UploadAbort>(name)};
    for (const native::Operation& operation : operations)
      EXPECT_EQ(code(operation), ErrorCode::invalid) << name << " " << operation.index();
  }
  EXPECT_EQ(used(), storage::Usage{});
}

TEST_F(NativeRequestsTest, AListComesInPages) {
  std::vector<std::string> all;
  for (int i = 100; i < 130; ++i) {
    all.push_back(std::to_string(i));
    ASSERT_EQ(put(all.back(), "x"), std::nullopt);
  }
  std::vector<std::string> seen;
  native::List list = at<native::List>("/");
  list.limit = 7;
  for (;;) {
    const Answer answer = peer_.ask(list);
    const auto entries = native::decode_array<native::Entry>(answer.body).value();
    EXPECT_LE(entries.size(), 7U);
    for (const native::Entry& entry : entries) seen.push_back(entry.name.bytes);
    list.cursor = answer.as<native::Page>().next;
    if (!list.cursor) break;
  }
  std::ranges::sort(seen);
  EXPECT_EQ(seen, all);
  for (const char* cursor : {"", "0", "-1", "7x", "99999999999999999999"}) {
    list.cursor = cursor;
    EXPECT_EQ(code(list), ErrorCode::invalid) << cursor;
  }
  EXPECT_EQ(code(at<native::List>("100")), ErrorCode::not_a_directory);
  EXPECT_EQ(code(at<native::List>("none")), ErrorCode::not_found);
}

TEST_F(NativeRequestsTest, FilesAreMovedChangedAndRemoved) {
  ASSERT_EQ(put("a", "a"), std::nullopt);
  ASSERT_EQ(put("b", "bb"), std::nullopt);
  EXPECT_EQ(code(rename("a", "b", false)), ErrorCode::exists);
  EXPECT_EQ(code(rename("a", "b", true)), std::nullopt);
  EXPECT_EQ(stored("b"), "a");
  native::SetAttributes set = at<native::SetAttributes>("b");
  set.mtime = FileTime{1'234'567'890, 7};
  set.mode = native::Mode{0600};
  EXPECT_EQ(code(set), std::nullopt);
  const auto entry = peer_.ask(at<native::Stat>("b")).as<native::Entry>();
  EXPECT_EQ(entry.mtime, *set.mtime);
  EXPECT_EQ(entry.mode.bits, 0600U);
  EXPECT_EQ(entry.type, "file");
  const auto digest = peer_.ask(at<native::DigestOf>("b")).as<native::DigestReply>();
  EXPECT_EQ(digest.digest, digest_of(as_bytes("a")));
  EXPECT_EQ(digest.size, 1U);
  EXPECT_EQ(code(at<native::DigestOf>("/")), ErrorCode::is_a_directory);
  EXPECT_EQ(code(at<native::Remove>("/")), ErrorCode::is_a_directory);
  EXPECT_EQ(code(at<native::Remove>("b")), std::nullopt);
  EXPECT_EQ(code(at<native::Remove>("b")), ErrorCode::not_found);
  EXPECT_EQ(used(), storage::Usage{});
}

TEST_F(NativeRequestsTest, EachPutOfAGroupHasItsOwnOutcome) {
  native::Put wrong = put_of("wrong", "these");
  peer_.send(put_of("a", "aa"), "aa");
  peer_.send(wrong, "those");
  peer_.send(put_of("no/b", "b"), "b");
  peer_.send(put_of("../c", "c"), "c");
  peer_.send(put_of("d", ""), "");
  EXPECT_EQ(peer_.receive().as<native::Receipt>().digest, digest_of(as_bytes("aa")));
  EXPECT_EQ(peer_.receive().code(), ErrorCode::wrong_digest);
  EXPECT_EQ(peer_.receive().code(), ErrorCode::not_found);
  EXPECT_EQ(peer_.receive().code(), ErrorCode::invalid);
  EXPECT_EQ(peer_.receive().as<native::Receipt>().size, 0U);
  EXPECT_EQ(stored("a"), "aa");
  EXPECT_EQ(used(), (storage::Usage{2, 2}));
}

TEST_F(NativeRequestsTest, GroupAfterGroupOfPutsIsAnsweredInOrder) {
  // More than any group holds; with refusals among them, and other requests in between.
  constexpr int count = 300;
  const std::string bytes(1000, 'x');
  const auto name_of = [](int i) { return (i % 50 == 7 ? "no/" : "") + std::to_string(i); };
  for (int i = 0; i < count; ++i) {
    peer_.send(put_of(name_of(i), bytes), bytes);
    if (i % 100 == 99) peer_.send(at<native::Stat>(name_of(i)));
  }
  for (int i = 0; i < count; ++i) {
    const auto answer = peer_.receive();
    if (i % 50 == 7) {
      EXPECT_EQ(answer.code(), ErrorCode::not_found) << i;
    } else {
      EXPECT_EQ(answer.as<native::Receipt>().path.bytes, "/" + name_of(i));
    }
    if (i % 100 == 99) {
      EXPECT_EQ(peer_.receive().as<native::Entry>().size, bytes.size());
    }
  }
  EXPECT_EQ(used(), (storage::Usage{294 * bytes.size(), 294}));
}

TEST_F(NativeRequestsTest, EachDirectoryOfAGroupHasItsOwnOutcome) {
  for (const char* name : {"d", "d/e", "../f", "d", "no/g"}) peer_.send(at<native::MakeDirectory>(name));
  EXPECT_TRUE(peer_.receive().ok());
  EXPECT_TRUE(peer_.receive().ok());
  EXPECT_EQ(peer_.receive().code(), ErrorCode::invalid);
  EXPECT_EQ(peer_.receive().code(), ErrorCode::exists);
  EXPECT_EQ(peer_.receive().code(), ErrorCode::not_found);
  EXPECT_EQ(used(), (storage::Usage{0, 2}));
}

TEST_F(NativeRequestsTest, ADiskThatFailsIsSaidAndNothingIsKept) {
  ASSERT_EQ(put("f", "old"), std::nullopt);
  house_->store().fail_with(ErrorCode::disk_full);
  EXPECT_EQ(put("f", "newer"), ErrorCode::disk_full);
  EXPECT_EQ(code(begin_of("big", big_.size())), ErrorCode::disk_full);
  EXPECT_EQ(code(at<native::Get>("f")), ErrorCode::disk_full);
  house_->store().mend();
  EXPECT_EQ(stored("f"), "old");
  EXPECT_EQ(put("f", "newer"), std::nullopt);
  EXPECT_EQ(code(begin_of("big", big_.size())), std::nullopt);
  EXPECT_EQ(used(), (storage::Usage{5 + big_.size(), 2}));
}

TEST_F(NativeRequestsTest, AnUploadIsAFileAtItsCommit) {
  const auto ready = peer_.ask(begin_of("big", big_.size())).as<native::UploadReady>();
  EXPECT_EQ(ready.chunk_size, chunk_size);
  EXPECT_TRUE(ready.have.empty());
  native::UploadChunk checked = chunk_of(ready.upload, 1);
  checked.digest = digest_of(as_bytes("something else"));
  EXPECT_EQ(code(checked, piece(1)), ErrorCode::wrong_digest);
  EXPECT_EQ(code(chunk_of(ready.upload, 1), piece(4)), ErrorCode::invalid);
  for (const std::uint64_t index : {0U, 1U, 3U})
    EXPECT_EQ(code(chunk_of(ready.upload, index), piece(index)), std::nullopt);
  EXPECT_EQ(code(commit_of(ready.upload, big_)), ErrorCode::incomplete);
  EXPECT_EQ(code(at<native::Stat>("big")), ErrorCode::not_found);
  const auto waiting =
      native::decode_array<native::UploadEntry>(peer_.ask(native::UploadList()).body).value();
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting[0].path.bytes, "/big");
  EXPECT_EQ(waiting[0].present, 3 * chunk_size);

  const auto again = peer_.ask(begin_of("big", big_.size())).as<native::UploadReady>();
  ASSERT_EQ(again.have.size(), 2U);
  EXPECT_EQ(again.have[0].count, 2U);
  EXPECT_EQ(again.have[0].digest, digest_of(as_bytes(std::string_view(big_).substr(0, 2 * chunk_size))));
  EXPECT_EQ(again.have[1].first, 3U);
  EXPECT_EQ(code(chunk_of(ready.upload, 2), piece(2)), ErrorCode::superseded);
  EXPECT_EQ(code(chunk_of(again.upload, 2), piece(2)), std::nullopt);
  EXPECT_EQ(code(chunk_of(again.upload, 4), piece(4)), std::nullopt);
  const auto receipt = peer_.ask(commit_of(again.upload, big_)).as<native::Receipt>();
  EXPECT_EQ(receipt.size, big_.size());
  EXPECT_EQ(stored("big"), big_);
  EXPECT_EQ(peer_.ask(at<native::Stat>("big")).as<native::Entry>().mode.bits, 0640U);
  EXPECT_EQ(code(commit_of(again.upload, big_)), ErrorCode::no_such_transfer);
  EXPECT_EQ(used(), (storage::Usage{big_.size(), 1}));
}

TEST_F(NativeRequestsTest, AnUploadOfOtherBytesThanMeantLeavesNothing) {
  const auto ready = peer_.ask(begin_of("f", 5)).as<native::UploadReady>();
  EXPECT_EQ(code(chunk_of(ready.upload, 0), "bytes"), std::nullopt);
  EXPECT_EQ(code(commit_of(ready.upload, "other")), ErrorCode::wrong_digest);
  EXPECT_EQ(code(at<native::Stat>("f")), ErrorCode::not_found);
  EXPECT_EQ(code(at<native::UploadAbort>("f")), ErrorCode::not_found);
  EXPECT_EQ(used(), storage::Usage{});
  EXPECT_EQ(code(begin_of("g", 5)), std::nullopt);
  EXPECT_EQ(code(at<native::UploadAbort>("g")), std::nullopt);
  EXPECT_EQ(used(), storage::Usage{});
}

TEST_F(NativeRequestsTest, TwoConnectionsFeedOneUploadAndNobodyElseFindsIt) {
  accounts::Account bob;
  bob.name = "bob";
  house_->add_user(bob);
  NativePeer second = log_in();
  NativePeer stranger = log_in("bob");
  const auto ready = peer_.ask(begin_of("big", 2 * chunk_size)).as<native::UploadReady>();
  EXPECT_EQ(stranger.ask(chunk_of(ready.upload, 0), piece(0)).code(), ErrorCode::no_such_transfer);
  EXPECT_EQ(stranger.ask(native::UploadList()).body, "[]");
  EXPECT_TRUE(second.ask(chunk_of(ready.upload, 0), piece(0)).ok());
  EXPECT_EQ(code(chunk_of(ready.upload, 1), piece(1)), std::nullopt);
  EXPECT_TRUE(second.ask(commit_of(ready.upload, std::string_view(big_).substr(0, 2 * chunk_size))).ok());
  EXPECT_EQ(code(chunk_of(ready.upload, 1), piece(1)), ErrorCode::superseded);
}

TEST_F(NativeRequestsTest, OneSessionHoldsSoManyAndNoMore) {
  for (int i = 0; i < 64; ++i) EXPECT_EQ(code(begin_of("f" + std::to_string(i), 5)), std::nullopt);
  EXPECT_EQ(code(begin_of("more", 5)), ErrorCode::busy);
  EXPECT_EQ(code(at<native::UploadAbort>("f0")), std::nullopt);
  EXPECT_EQ(code(begin_of("more", 5)), std::nullopt) << "one that is over holds no place";
  NativePeer other = log_in();
  const std::string large(1024 * 1024 + 1, 'x');
  const auto ready = other.ask(begin_of("large", large.size())).as<native::UploadReady>();
  for (std::uint64_t i = 0; i < 5; ++i)
    EXPECT_TRUE(
        other.ask(chunk_of(ready.upload, i), std::string_view(large).substr(i * chunk_size, chunk_size))
            .ok());
  EXPECT_TRUE(other.ask(commit_of(ready.upload, large)).ok());
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(other.ask(at<native::Get>("large")).ok());
  EXPECT_EQ(other.ask(at<native::Get>("large")).code(), ErrorCode::busy);
}

TEST_F(NativeRequestsTest, ASmallFileComesWithItsAnswer) {
  ASSERT_EQ(put("f", "bytes"), std::nullopt);
  const Answer answer = peer_.ask(at<native::Get>("f"));
  EXPECT_EQ(answer.body, "bytes");
  const auto file = answer.as<native::GetReady>();
  EXPECT_EQ(file.size, 5U);
  EXPECT_EQ(file.digest, digest_of(as_bytes("bytes")));
  EXPECT_EQ(file.download, std::nullopt);
  native::Get only = at<native::Get>("f");
  only.if_digest = digest_of(as_bytes("other"));
  EXPECT_EQ(code(only), ErrorCode::changed);
  EXPECT_EQ(code(at<native::Get>("/")), ErrorCode::is_a_directory);
  EXPECT_EQ(code(at<native::Get>("none")), ErrorCode::not_found);
}

TEST_F(NativeRequestsTest, ALargeFileIsReadInPiecesAndStaysThatVersion) {
  const auto ready = peer_.ask(begin_of("big", big_.size())).as<native::UploadReady>();
  for (std::uint64_t i = 0; i < 5; ++i) ASSERT_EQ(code(chunk_of(ready.upload, i), piece(i)), std::nullopt);
  ASSERT_EQ(code(commit_of(ready.upload, big_)), std::nullopt);
  const auto file = peer_.ask(at<native::Get>("big")).as<native::GetReady>();
  ASSERT_TRUE(file.download);
  EXPECT_EQ(file.size, big_.size());
  ASSERT_EQ(put("big", "small now"), std::nullopt);
  EXPECT_EQ(peer_.ask(read_of(*file.download, 0, chunk_size)).body, piece(0));
  EXPECT_EQ(peer_.ask(read_of(*file.download, 4 * chunk_size, 17)).body, piece(4));
  EXPECT_EQ(peer_.ask(read_of(*file.download, big_.size(), 0)).body, "");
  EXPECT_EQ(code(read_of(*file.download, 0, chunk_size + 1)), ErrorCode::invalid);
  EXPECT_EQ(code(read_of(*file.download, 4 * chunk_size, 18)), ErrorCode::invalid);
  EXPECT_EQ(code(read_of(*file.download, big_.size() + 1, 0)), ErrorCode::invalid);
  EXPECT_EQ(code(read_of(*file.download, UINT64_MAX / 2, 1)), ErrorCode::invalid);
  EXPECT_EQ(code(read_of("another", 0, 1)), ErrorCode::no_such_transfer);
  native::DownloadEnd end;
  end.download = *file.download;
  EXPECT_EQ(code(end), std::nullopt);
  EXPECT_EQ(code(end), ErrorCode::no_such_transfer);
  EXPECT_EQ(code(read_of(*file.download, 0, 1)), ErrorCode::no_such_transfer);
}

}  // namespace
}  // namespace sampan::frontends
