// Who a client lets in and is let in by, and the questions that need no transfer.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "client/directory_lister.h"
#include "client/remote_files.h"
#include "in_memory/testing/both_sides.h"
#include "net/tls.h"

namespace sampan::tests {
namespace {

using client::Connection;
using frontends::testing::HouseInMemory;

class ConnectionTest : public BothSides {
 protected:
  std::optional<ErrorCode> code_of(login::ScramClient::SaltedPasswordOf password) {
    return cut([&] { leave(*connect({}, std::move(password))); });
  }
};

TEST_F(ConnectionTest, AKeyIsPinnedAtTheFirstContact) {
  RecordProperty("proves", "R10.3");
  EXPECT_EQ(code_of(HouseInMemory::right_password()), std::nullopt);
  EXPECT_EQ(shown_, net::format_key_hash(house_.key_hash()));
  shown_.clear();
  EXPECT_EQ(code_of(HouseInMemory::right_password()), std::nullopt);
  EXPECT_EQ(shown_, "") << "nobody is asked twice";
  ASSERT_TRUE(known_.remember(address_.host(), "SHA256:another"));
  EXPECT_EQ(code_of(HouseInMemory::right_password()), ErrorCode::wrong_peer);
}

TEST_F(ConnectionTest, WhoDoesNotTrustTheKeyDoesNotLogIn) {
  trust_ = fail(ErrorCode::wrong_peer);
  EXPECT_EQ(code_of(HouseInMemory::right_password()), ErrorCode::wrong_peer);
  trust_ = {};
  EXPECT_EQ(*known_.find(address_.host()), std::nullopt);
}

TEST_F(ConnectionTest, AWrongPasswordIsNoLogin) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(code_of(HouseInMemory::wrong_password()), ErrorCode::login_failed);
  EXPECT_EQ(code_of(HouseInMemory::right_password()), ErrorCode::login_paused);
  house_.advance_clock(std::chrono::seconds(31));
  EXPECT_EQ(code_of(HouseInMemory::right_password()), std::nullopt);
}

TEST_F(ConnectionTest, DirectoriesOfManyPagesAreListedTogether) {
  const auto connection = connect();
  const std::map<std::string, std::size_t> sizes = {
      {"/a", 2100}, {"/b", 0}, {"/c", 1000}, {"/d", 1001}, {"/e", 3}};
  for (const auto& [name, size] : sizes) {
    std::vector<storage::NewDirectory> directories = {{path(name), 0755, false}};
    for (std::size_t i = 0; i < size; ++i)
      directories.push_back({path(name + name + std::to_string(i)), 0755, false});
    for (const auto& made : house_.home().make_directories(directories)) ASSERT_TRUE(made);
  }
  client::DirectoryLister lister(*connection);
  for (const auto& [name, size] : sizes) loop_.run(lister.ask(name));
  loop_.run(lister.ask("/none"));
  for (const auto& [name, size] : sizes) {
    const auto entries = loop_.run(lister.take());
    ASSERT_TRUE(entries) << name;
    EXPECT_EQ(entries->size(), size) << name;
    EXPECT_TRUE(std::ranges::is_sorted(*entries, {}, [](const auto& entry) { return entry.name.bytes; }));
    for (const auto& entry : *entries) ASSERT_EQ("/" + entry.name.bytes.substr(0, 1), name);
  }
  EXPECT_EQ(loop_.run(lister.take()).error().code(), ErrorCode::not_found);
  EXPECT_TRUE(lister.is_empty());
  leave(*connection);
}

TEST_F(ConnectionTest, QuestionsAndChanges) {
  const auto connection = connect();
  EXPECT_EQ(connection->limits().list_entries, 1000U);
  for (int i = 0; i < 1100; ++i)
    ASSERT_TRUE(house_.home().make_directory(path("d" + std::to_string(i)), 0755, false));
  const auto entries = loop_.run(client::list_directory(*connection, "/"));
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->size(), 1100U) << "all pages";
  EXPECT_TRUE(std::ranges::is_sorted(*entries, {}, [](const auto& entry) { return entry.name.bytes; }));
  EXPECT_EQ(loop_.run(client::list_directory(*connection, "none")).error().code(), ErrorCode::not_found);

  EXPECT_TRUE(loop_.run(client::make_directory(*connection, "a/b", true)));
  EXPECT_EQ(loop_.run(client::make_directory(*connection, "a/b", false)).error().code(), ErrorCode::exists);
  EXPECT_TRUE(loop_.run(client::look_into(*connection, "a/b")));
  store("a/f", "bytes");
  EXPECT_EQ(loop_.run(client::look_into(*connection, "a/f")).error().code(), ErrorCode::not_a_directory);
  EXPECT_EQ(loop_.run(client::digest_file(*connection, "a/f"))->digest, digest_of(as_bytes("bytes")));
  EXPECT_EQ(loop_.run(client::stat_file(*connection, "a/f"))->size, 5U);
  EXPECT_TRUE(loop_.run(client::rename_file(*connection, "a/f", "g", false)));
  EXPECT_EQ(loop_.run(client::rename_file(*connection, "g", "a", true)).error().code(), ErrorCode::exists);
  EXPECT_EQ(loop_.run(client::quota(*connection))->files, 1103U);
  EXPECT_EQ(loop_.run(client::remove_directory(*connection, "a")).error().code(), ErrorCode::not_empty);
  EXPECT_TRUE(loop_.run(client::remove_directory(*connection, "a/b")));
  EXPECT_TRUE(loop_.run(client::remove_file(*connection, "g")));
  EXPECT_EQ(loop_.run(client::remove_file(*connection, "g")).error().code(), ErrorCode::not_found);
  leave(*connection);
}

TEST_F(ConnectionTest, AFarLineCarriesMorePiecesThanANearOne) {
  for (const auto& [microseconds, pieces] : {std::pair(0, 2), std::pair(9'999, 2), std::pair(10'000, 16)}) {
    Line line;
    line.round_trip = std::chrono::microseconds(microseconds);
    const auto connection = connect(line);
    EXPECT_EQ(connection->pieces_in_flight(), pieces) << microseconds;
    leave(*connection);
  }
}

TEST_F(ConnectionTest, AServerThatGoesIsALostOne) {
  const auto connection = connect();
  house_.frontend().abort();
  EXPECT_EQ(cut([&] { (void)loop_.run(client::quota(*connection)); }), ErrorCode::connection_lost);
}

}  // namespace
}  // namespace sampan::tests
