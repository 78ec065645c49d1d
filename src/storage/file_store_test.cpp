#include "storage/file_store.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "storage/local_file_store.h"
#include "storage/testing/file_store_in_memory.h"

namespace sampan::storage {
namespace {

constexpr std::uint32_t chunk = 1024;

struct Kind {
  const char* name;
  std::unique_ptr<FileStore> (*make)(const std::string& folder);
};

std::unique_ptr<FileStore> local(const std::string& folder) {
  for (const char* name : {"/home", "/staging"}) {
    std::filesystem::create_directory(folder + name);
    std::filesystem::permissions(folder + name, std::filesystem::perms::owner_all);
  }
  return std::make_unique<LocalFileStore>(*disk::Directory::open_trusted(folder + "/home"),
                                          *disk::Directory::open_trusted(folder + "/staging"), chunk);
}

std::unique_ptr<FileStore> in_memory(const std::string&) {
  return std::make_unique<testing::FileStoreInMemory>(chunk);
}

// What every FileStore promises: the one with the disk, and the one that tests put in its place.
class FileStoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  static VirtualPath path(const std::string& text) { return *VirtualPath::parse(text); }
  static FilePlan plan(const std::string& name, std::size_t size) {
    return {path(name), size, {1'000'000'000, 5}, 0640};
  }
  // The code of an outcome, or nothing where it is success.
  template <class T>
  static std::optional<ErrorCode> code(const Result<T>& outcome) {
    return outcome ? std::nullopt : std::optional(outcome.error().code());
  }
  std::optional<ErrorCode> put(const std::string& name, const std::string& bytes) {
    auto staged = store_->stage_whole(plan(name, bytes.size()), as_bytes(bytes));
    if (!staged) return code(staged);
    if (auto sealed = (*staged)->seal(digest_of(as_bytes(bytes))); !sealed) return code(sealed);
    return code((*staged)->publish(path(name)));
  }
  std::string read(const std::string& name) const {
    const auto file = store_->open(path(name));
    if (!file) return "(none)";
    std::string bytes((*file)->entry().size + 10, '?');
    const auto got = (*file)->read(std::as_writable_bytes(std::span(bytes)), 0);
    return got ? bytes.substr(0, *got) : "(unreadable)";
  }
  std::vector<std::string> names(const std::string& directory, std::size_t page_size) const {
    std::vector<std::string> names;
    std::int64_t cursor = 0;
    do {
      const auto page = store_->list(path(directory), cursor, page_size);
      EXPECT_TRUE(page);
      EXPECT_LE(page->entries.size(), page_size);
      for (const Entry& entry : page->entries) names.push_back(entry.name);
      cursor = page->next;
    } while (cursor != 0);
    std::ranges::sort(names);
    return names;
  }
  static std::string bytes(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
    return text;
  }

  sampan::testing::TemporaryDirectory folder_;
  std::unique_ptr<FileStore> store_ = GetParam().make(folder_.path());
};

TEST_P(FileStoreTest, AFileIsWhatWasPut) {
  RecordProperty("proves", "R10.3");
  EXPECT_EQ(put("f", "bytes"), std::nullopt);
  EXPECT_EQ(read("f"), "bytes");
  const auto entry = store_->stat(path("f"));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->name, "f");
  EXPECT_EQ(entry->type, FileType::file);
  EXPECT_EQ(entry->size, 5U);
  EXPECT_EQ(entry->mtime, (FileTime{1'000'000'000, 5}));
  EXPECT_EQ(entry->mode, 0640U);
  EXPECT_EQ(store_->link_stat(path("f"))->size, 5U);
  const auto file = store_->open(path("f"));
  EXPECT_EQ(*(*file)->digest(), digest_of(as_bytes("bytes")));
  std::array<std::byte, 2> room;
  EXPECT_EQ(*(*file)->read(room, 3), 2U);
  EXPECT_EQ(as_text(room), "es");
  EXPECT_EQ(*(*file)->read(room, 5), 0U);
  EXPECT_EQ(*store_->count(), (Usage{5, 1}));
  EXPECT_EQ(code(store_->sync_directory({})), std::nullopt);
}

TEST_P(FileStoreTest, AnOpenFileStaysThisVersionOfIt) {
  ASSERT_EQ(put("f", "old"), std::nullopt);
  const auto file = store_->open(path("f"));
  ASSERT_EQ(put("f", "newer"), std::nullopt);
  EXPECT_EQ(*(*file)->digest(), digest_of(as_bytes("old")));
  ASSERT_TRUE(store_->remove_file(path("f")));
  std::array<std::byte, 10> room;
  EXPECT_EQ(*(*file)->read(room, 0), 3U);
  EXPECT_EQ((*file)->entry().size, 3U);
}

TEST_P(FileStoreTest, WhatIsStagedIsNotThere) {
  auto staged = store_->stage_whole(plan("f", 3), as_bytes("abc"));
  ASSERT_TRUE(staged);
  EXPECT_EQ(code(store_->stat(path("f"))), ErrorCode::not_found);
  EXPECT_EQ(names("", 10), std::vector<std::string>{});
  staged->reset();
  EXPECT_EQ(*store_->count(), Usage{});
}

TEST_P(FileStoreTest, NamesThatAreInTheWay) {
  ASSERT_EQ(put("f", "file"), std::nullopt);
  ASSERT_TRUE(store_->make_directory(path("d")));
  EXPECT_EQ(put("d", "x"), ErrorCode::is_a_directory);
  EXPECT_EQ(put("no/such", "x"), ErrorCode::not_found);
  EXPECT_EQ(put("f/x", "x"), ErrorCode::not_a_directory);
  EXPECT_EQ(code(store_->open(path("d"))), ErrorCode::is_a_directory);
  EXPECT_EQ(code(store_->open({})), ErrorCode::is_a_directory);
  EXPECT_EQ(code(store_->open(path("gone"))), ErrorCode::not_found);
  EXPECT_EQ(code(store_->open(path("f/x"))), ErrorCode::not_a_directory);
  EXPECT_EQ(code(store_->stat(path("f/x"))), ErrorCode::not_a_directory);
  EXPECT_EQ(code(store_->list(path("f"), 0, 1)), ErrorCode::not_a_directory);
  EXPECT_EQ(code(store_->list(path("gone"), 0, 1)), ErrorCode::not_found);
  EXPECT_EQ(code(store_->list({}, 0, 0)), ErrorCode::invalid);
  EXPECT_EQ(code(store_->list({}, -1, 1)), ErrorCode::invalid);
  EXPECT_EQ(code(store_->sync_directory(path("f"))), ErrorCode::not_a_directory);
  EXPECT_EQ(code(store_->check_writable(path("f"))), ErrorCode::not_a_directory);
  EXPECT_EQ(code(store_->check_writable(path("gone"))), ErrorCode::not_found);
  EXPECT_EQ(code(store_->check_writable(path("d"))), std::nullopt);
  EXPECT_EQ(code(store_->check_writable({})), std::nullopt);
}

TEST_P(FileStoreTest, Directories) {
  EXPECT_EQ(store_->stat({})->name, "/");
  ASSERT_TRUE(store_->make_directory(path("d")));
  EXPECT_EQ(store_->stat(path("d"))->mode, 0700U);
  EXPECT_EQ(store_->stat(path("d"))->type, FileType::directory);
  EXPECT_EQ(store_->stat(path("d"))->size, 0U);
  EXPECT_EQ(code(store_->make_directory(path("d"))), ErrorCode::exists);
  EXPECT_EQ(code(store_->make_directory(path("no/such"))), ErrorCode::not_found);
  ASSERT_TRUE(store_->make_directory(path("d/e")));
  EXPECT_EQ(code(store_->remove_directory(path("d"))), ErrorCode::not_empty);
  EXPECT_EQ(code(store_->remove_file(path("d/e"))), ErrorCode::is_a_directory);
  EXPECT_EQ(*store_->count(), (Usage{0, 2}));
  EXPECT_TRUE(store_->remove_directory(path("d/e")));
  EXPECT_TRUE(store_->remove_directory(path("d")));
  EXPECT_EQ(code(store_->remove_directory(path("d"))), ErrorCode::not_found);
  ASSERT_EQ(put("f", "x"), std::nullopt);
  EXPECT_EQ(code(store_->remove_directory(path("f"))), ErrorCode::not_a_directory);
  EXPECT_EQ(code(store_->make_directory(path("f"))), ErrorCode::exists);
  EXPECT_TRUE(store_->remove_file(path("f")));
  EXPECT_EQ(code(store_->remove_file(path("f"))), ErrorCode::not_found);
}

TEST_P(FileStoreTest, PagesOfAListAreTheWhole) {
  std::vector<std::string> all;
  ASSERT_TRUE(store_->make_directory(path("d")));
  for (int i = 100; i < 125; ++i) {
    ASSERT_EQ(put("d/" + std::to_string(i), "x"), std::nullopt);
    all.push_back(std::to_string(i));
  }
  ASSERT_EQ(put("beside", "x"), std::nullopt);
  ASSERT_TRUE(store_->make_directory(path("d2")));
  for (const std::size_t page_size : {1U, 7U, 25U, 1000U}) EXPECT_EQ(names("d", page_size), all);
  EXPECT_EQ(names("", 2), (std::vector<std::string>{"beside", "d", "d2"}));
}

TEST_P(FileStoreTest, Rename) {
  ASSERT_TRUE(store_->make_directory(path("d")));
  ASSERT_TRUE(store_->make_directory(path("e")));
  ASSERT_EQ(put("d/f", "f"), std::nullopt);
  ASSERT_EQ(put("g", "g"), std::nullopt);
  const auto moved = [&](const char* from, const char* to, bool replace) {
    return code(store_->rename(path(from), path(to), replace));
  };
  EXPECT_EQ(moved("gone", "h", true), ErrorCode::not_found);
  EXPECT_EQ(moved("g", "no/h", true), ErrorCode::not_found);
  EXPECT_EQ(moved("g", "d/f", false), ErrorCode::exists);
  EXPECT_EQ(moved("g", "d", true), ErrorCode::is_a_directory);
  EXPECT_EQ(moved("d", "g", true), ErrorCode::not_a_directory);
  EXPECT_EQ(moved("e", "d", true), ErrorCode::not_empty);
  EXPECT_EQ(moved("d", "d/below", true), ErrorCode::invalid);
  EXPECT_EQ(moved("g", "g", true), ErrorCode::invalid);
  EXPECT_EQ(moved("g", "d/f", true), std::nullopt);
  EXPECT_EQ(read("d/f"), "g");
  EXPECT_EQ(moved("d", "e", true), std::nullopt);
  EXPECT_EQ(read("e/f"), "g");
  EXPECT_EQ(names("", 10), std::vector<std::string>{"e"});
}

TEST_P(FileStoreTest, Attributes) {
  ASSERT_EQ(put("f", "x"), std::nullopt);
  ASSERT_TRUE(store_->make_directory(path("d")));
  const FileTime time = {1'234'567'890, 123'456'789};
  EXPECT_TRUE(store_->set_mtime(path("f"), time));
  EXPECT_EQ(store_->stat(path("f"))->mtime, time);
  EXPECT_TRUE(store_->set_mtime(path("d"), time));
  EXPECT_EQ(store_->stat(path("d"))->mtime, time);
  // What the server itself needs stays.
  EXPECT_TRUE(store_->set_mode(path("f"), 0));
  EXPECT_EQ(store_->stat(path("f"))->mode, 0400U);
  EXPECT_TRUE(store_->set_mode(path("d"), 0755));
  EXPECT_EQ(store_->stat(path("d"))->mode, 0755U);
  EXPECT_TRUE(store_->set_mode(path("d"), 0));
  EXPECT_EQ(store_->stat(path("d"))->mode, 0700U);
  EXPECT_EQ(code(store_->set_mode(path("gone"), 0644)), ErrorCode::not_found);
  EXPECT_EQ(code(store_->set_mtime(path("gone"), time)), ErrorCode::not_found);
}

TEST_P(FileStoreTest, WhatChangesInADirectoryChangesItsTime) {
  ASSERT_TRUE(store_->make_directory(path("d")));
  const FileTime time = {1'234'567'890, 123'456'789};
  const auto changes = [&](const char* why, const auto& change) {
    ASSERT_TRUE(store_->set_mtime(path("d"), time)) << why;
    change();
    EXPECT_NE(store_->stat(path("d"))->mtime, time) << why;
  };
  changes("a new file", [&] { EXPECT_EQ(put("d/f", "x"), std::nullopt); });
  changes("one in its place", [&] { EXPECT_EQ(put("d/f", "y"), std::nullopt); });
  changes("a new directory", [&] { EXPECT_TRUE(store_->make_directory(path("d/e"))); });
  changes("another name", [&] { EXPECT_TRUE(store_->rename(path("d/f"), path("d/g"), false)); });
  changes("one that leaves", [&] { EXPECT_TRUE(store_->rename(path("d/g"), path("h"), false)); });
  changes("one that comes", [&] { EXPECT_TRUE(store_->rename(path("h"), path("d/g"), false)); });
  changes("a file that goes", [&] { EXPECT_TRUE(store_->remove_file(path("d/g"))); });
  changes("a directory that goes", [&] { EXPECT_TRUE(store_->remove_directory(path("d/e"))); });
  EXPECT_TRUE(store_->set_mtime(path("d"), time));
  EXPECT_TRUE(store_->set_mode(path("d"), 0700));
  EXPECT_EQ(store_->stat(path("d"))->mtime, time) << "its own mode is none of it";
}

TEST_P(FileStoreTest, ChunksInAnyOrder) {
  const std::string text = bytes(3 * chunk + 17);
  const auto piece = [&](std::uint64_t i) { return as_bytes(text).subspan(i * chunk, i < 3 ? chunk : 17); };
  auto staged = *store_->stage_chunks(plan("f", text.size()));
  EXPECT_EQ(staged->chunk_size(), chunk);
  EXPECT_EQ(code(staged->digest()), ErrorCode::incomplete);
  EXPECT_EQ(code(staged->write_chunk(4, piece(3), std::nullopt)), ErrorCode::invalid);
  EXPECT_EQ(code(staged->write_chunk(3, piece(0), std::nullopt)), ErrorCode::invalid);
  EXPECT_EQ(code(staged->write_chunk(0, piece(3), std::nullopt)), ErrorCode::invalid);
  EXPECT_EQ(code(staged->write_chunk(0, piece(0), digest_of(piece(1)))), ErrorCode::wrong_digest);
  EXPECT_EQ(staged->chunks_present(), 0U);
  for (const std::uint64_t i : {3U, 0U, 1U, 1U})
    EXPECT_TRUE(staged->write_chunk(i, piece(i), digest_of(piece(i))));
  EXPECT_EQ(staged->chunks_present(), 3U);
  const auto runs = staged->runs();
  ASSERT_EQ(runs->size(), 2U);
  EXPECT_EQ(runs->front().first, 0U);
  EXPECT_EQ(runs->front().count, 2U);
  EXPECT_EQ(runs->front().digest, digest_of(as_bytes(text).first(2 * chunk)));
  EXPECT_EQ(runs->back().first, 3U);
  EXPECT_EQ(runs->back().digest, digest_of(piece(3)));
  EXPECT_EQ(code(store_->stat(path("f"))), ErrorCode::not_found);
  EXPECT_TRUE(staged->write_chunk(2, piece(2), std::nullopt));
  EXPECT_EQ(*staged->digest(), digest_of(as_bytes(text)));
  EXPECT_TRUE(staged->seal(digest_of(as_bytes(text))));
  EXPECT_TRUE(staged->publish(path("f")));
  EXPECT_EQ(read("f"), text);
  EXPECT_EQ(store_->stat(path("f"))->mode, 0640U);
  EXPECT_EQ(store_->stat(path("f"))->mtime, (FileTime{1'000'000'000, 5}));
  EXPECT_TRUE(store_->list_staged()->empty());
}

TEST_P(FileStoreTest, AnUploadIsTakenUpAndThrownAway) {
  const std::string text = bytes(2 * chunk);
  EXPECT_EQ(code(store_->resume_chunks(plan("f", text.size()))), ErrorCode::not_found);
  {
    auto staged = *store_->stage_chunks(plan("f", text.size()));
    EXPECT_TRUE(staged->write_chunk(1, as_bytes(text).subspan(chunk), std::nullopt));
  }
  const auto waiting = store_->list_staged();
  ASSERT_EQ(waiting->size(), 1U);
  EXPECT_EQ(waiting->front().path, path("f"));
  EXPECT_EQ(waiting->front().size, text.size());
  EXPECT_EQ(code(store_->resume_chunks(plan("f", text.size() + 1))), ErrorCode::not_found);
  auto staged = store_->resume_chunks(plan("f", text.size()));
  ASSERT_TRUE(staged);
  EXPECT_EQ((*staged)->chunks_present(), 1U);
  staged->reset();
  EXPECT_TRUE(store_->discard_staged(path("f")));
  EXPECT_TRUE(store_->discard_staged(path("f")));  // again
  EXPECT_TRUE(store_->list_staged()->empty());
  EXPECT_TRUE(store_->recover());
}

TEST_P(FileStoreTest, WhoeverWasReplacedPublishesNothing) {
  auto early = *store_->stage_chunks(plan("f", 5));
  EXPECT_TRUE(early->write_chunk(0, as_bytes("early"), std::nullopt));
  auto late = *store_->stage_chunks(plan("f", 4));
  EXPECT_TRUE(late->write_chunk(0, as_bytes("late"), std::nullopt));
  (void)early->seal(digest_of(as_bytes("early")));
  EXPECT_EQ(code(early->publish(path("f"))), ErrorCode::superseded);
  EXPECT_EQ(code(store_->stat(path("f"))), ErrorCode::not_found);
  EXPECT_TRUE(late->seal(digest_of(as_bytes("late"))));
  EXPECT_TRUE(late->publish(path("f")));
  EXPECT_EQ(read("f"), "late");
}

TEST_P(FileStoreTest, ADiscardedUploadLeavesNothing) {
  auto staged = *store_->stage_chunks(plan("f", 5));
  EXPECT_TRUE(staged->write_chunk(0, as_bytes("bytes"), std::nullopt));
  EXPECT_TRUE(staged->discard());
  EXPECT_TRUE(store_->list_staged()->empty());
  EXPECT_EQ(*store_->count(), Usage{});
}

TEST_P(FileStoreTest, AnEmptyFileHasNoChunks) {
  auto staged = *store_->stage_chunks(plan("f", 0));
  EXPECT_EQ(*staged->digest(), digest_of({}));
  EXPECT_TRUE(staged->seal(digest_of({})));
  EXPECT_TRUE(staged->publish(path("f")));
  EXPECT_EQ(read("f"), "");
}

INSTANTIATE_TEST_SUITE_P(Stores, FileStoreTest,
                         ::testing::Values(Kind{"Local", local}, Kind{"InMemory", in_memory}),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace sampan::storage
