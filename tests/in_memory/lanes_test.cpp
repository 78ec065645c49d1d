// One file over several connections at once: what a client does where the line is far and loses packets.
#include <random>

#include <gtest/gtest.h>

#include "client/download.h"
#include "client/remote_files.h"
#include "client/upload.h"
#include "in_memory/testing/both_sides.h"

namespace sampan::tests {
namespace {

using client::Connection;

constexpr std::size_t mib = 1024 * 1024;
constexpr std::size_t size = 12 * mib + 1000;
constexpr int lanes = 16;

class LanesTest : public BothSides {
 protected:
  LanesTest() { beside_ = bad_line(); }

  static Line bad_line() {
    Line line;
    line.round_trip = std::chrono::milliseconds(50);
    line.loses_packets = true;
    line.holds = 64 * 1024;  // else a file is through in fewer turns than a login takes
    return line;
  }
  Result<wire::native::Receipt> put(Connection& connection) {
    progress_ = {};
    const auto source = client::open_source(here("f"));
    if (!source) return fail(source.error());
    return loop_.run(client::upload_file(connection, *source, "f", progress_));
  }
  Result<client::Fetched> get(Connection& connection) {
    progress_ = {};
    return loop_.run(client::download_file(connection, "f", local_, "f", progress_));
  }
  void forget() {
    std::filesystem::remove(here("f"));
    if (house_.home().stat(path("f"))) {
      EXPECT_TRUE(house_.home().remove_file(path("f")));
    }
  }
  // Of what a connection beside the first carries: its login, and its share of the file.
  std::vector<std::uint64_t> places(std::uint64_t login, int among_pieces) {
    std::vector<std::uint64_t> places;
    for (std::uint64_t at = 0; at < login; at += 211) places.push_back(at);
    std::uniform_int_distribution<std::uint64_t> anywhere(login, size / 4);
    for (int i = 0; i < among_pieces; ++i) places.push_back(anywhere(random_));
    return places;
  }

  const disk::Directory local_ = disk::Directory::open_trusted(here("")).value();
  const std::string file_ = bytes(size);
  RecordedProgress progress_;
  std::mt19937_64 random_{20261128};
};

TEST_F(LanesTest, SeveralConnectionsShareOneFile) {
  RecordProperty("proves", "R10.3");
  // More than its share, and less than the whole: alone it would be cut. What goes before the others have
  // logged in is a third at most.
  const std::string large = bytes(3 * size);
  Line first = bad_line();
  first.from_first = first.from_second = 2 * size;
  write("f", large);
  {
    const auto connection = connect(first);
    const auto receipt = put(*connection);
    ASSERT_TRUE(receipt) << receipt.error().message();
    EXPECT_EQ(receipt->digest, digest_of(as_bytes(large)));
    EXPECT_EQ(dialled_, lanes);
    EXPECT_EQ(progress_.done, large.size());
    leave(*connection);
  }
  EXPECT_EQ(stored("f"), large);
  EXPECT_EQ(house_.home().used(), (storage::Usage{large.size(), 1}));

  std::filesystem::remove(here("f"));
  dialled_ = 0;
  const auto connection = connect(first);
  const auto fetched = get(*connection);
  ASSERT_TRUE(fetched) << fetched.error().message();
  EXPECT_EQ(dialled_, lanes);
  EXPECT_EQ(progress_.done, large.size());
  EXPECT_EQ(read("f"), large);
}

TEST_F(LanesTest, OneIsEnoughWhereTheLineIsNearOrWholeOrTheFileNotLarge) {
  Line near = bad_line();
  near.round_trip = std::chrono::milliseconds(9);
  Line whole = bad_line();
  whole.loses_packets = false;
  for (const auto& [line, count] :
       {std::pair(near, size), std::pair(whole, size), std::pair(bad_line(), 8 * mib)}) {
    write("f", bytes(count));
    dialled_ = 0;
    const auto connection = connect(line);
    ASSERT_TRUE(put(*connection));
    std::filesystem::remove(here("f"));
    ASSERT_TRUE(get(*connection));
    EXPECT_EQ(dialled_, 1);
    leave(*connection);
    forget();
  }
}

TEST_F(LanesTest, TheOthersMayBeCutAnywhere) {
  for (std::uint64_t Line::*direction : {&Line::from_first, &Line::from_second}) {
    for (const std::uint64_t at : places(2500, 12)) {
      beside_ = bad_line();
      beside_.*direction = at;
      write("f", file_);
      const auto connection = connect(bad_line());
      const auto receipt = put(*connection);
      ASSERT_TRUE(receipt) << at << ": " << receipt.error().message();
      ASSERT_EQ(stored("f"), file_) << at;
      ASSERT_EQ(progress_.done, size) << at;
      std::filesystem::remove(here("f"));
      const auto fetched = get(*connection);
      ASSERT_TRUE(fetched) << at << ": " << fetched.error().message();
      ASSERT_EQ(read("f"), file_) << at;
      ASSERT_EQ(progress_.done, size) << at;
      leave(*connection);
      house_.settle();
      forget();
    }
  }
}

TEST_F(LanesTest, WhereTheFirstIsCutNothingThatArrivedIsLost) {
  int cuts = 0;
  for (std::uint64_t at = 100'000; at < 2 * mib; at += 200'123) {
    Line first = bad_line();
    first.from_first = first.from_second = at;
    write("f", file_);
    const auto put_cut = cut([&] {
      const auto connection = connect(first);
      (void)put(*connection);
    });
    cuts += put_cut ? 1 : 0;
    const std::uint64_t acknowledged = progress_.done;
    {
      const auto connection = connect(bad_line());
      const auto receipt = put(*connection);
      ASSERT_TRUE(receipt) << at << ": " << receipt.error().message();
      EXPECT_GE(progress_.resumed_at, acknowledged) << at << ": what was acknowledged is sent again";
      ASSERT_EQ(stored("f"), file_) << at;
      leave(*connection);
    }
    std::filesystem::remove(here("f"));
    const auto get_cut = cut([&] {
      const auto connection = connect(first);
      (void)get(*connection);
    });
    cuts += get_cut ? 1 : 0;
    const std::uint64_t written = progress_.done;
    const auto connection = connect(bad_line());
    const auto fetched = get(*connection);
    ASSERT_TRUE(fetched) << at << ": " << fetched.error().message();
    if (get_cut) {
      EXPECT_GE(progress_.resumed_at, written) << at;
    }
    ASSERT_EQ(read("f"), file_) << at;
    leave(*connection);
    house_.settle();
    forget();
  }
  EXPECT_GT(cuts, 8) << "of twenty";
}

TEST_F(LanesTest, AServerThatTakesNoMoreSessionsIsServedByOne) {
  frontends::SessionLimits limits;
  limits.sessions_per_user = 1;
  house_.frontend().set_limits(limits);
  write("f", file_);
  const auto connection = connect(bad_line());
  ASSERT_TRUE(put(*connection));
  EXPECT_EQ(dialled_, lanes);
  EXPECT_EQ(stored("f"), file_);
}

TEST_F(LanesTest, AnotherPasswordMeanwhileAsksNobody) {
  int asked = 0;
  const auto right = frontends::testing::HouseInMemory::right_password();
  const auto counted = [&](std::string_view salt, const login::KdfParameters& kdf) {
    ++asked;
    return right(salt, kdf);
  };
  write("f", file_);
  const auto connection = connect(bad_line(), counted);
  ASSERT_TRUE(put(*connection));
  EXPECT_EQ(dialled_, lanes);
  EXPECT_EQ(asked, 1);
}

TEST_F(LanesTest, AFileThatIsReplacedMeanwhileIsNotMixed) {
  store("f", file_);
  const auto connection = connect(bad_line());
  bool replaced = false;
  struct Replacing final : client::ProgressSink {
    std::function<void()> replace;
    void begin(std::string_view, std::uint64_t, std::uint64_t) override { replace(); }
    void advance(std::uint64_t) override {}
    void end(const Error*) override {}
  } replacing;
  replacing.replace = [&] {
    if (!replaced) store("f", bytes(size, 2));
    replaced = true;
  };
  const auto fetched = loop_.run(client::download_file(*connection, "f", local_, "f", replacing));
  ASSERT_TRUE(fetched) << fetched.error().message();
  EXPECT_EQ(dialled_, lanes);
  const std::string now = read("f");
  EXPECT_EQ(fetched->digest, digest_of(as_bytes(now)));
  EXPECT_TRUE(now == file_ || now == bytes(size, 2));
}

TEST_F(LanesTest, AnInterruptEndsThemAll) {
  write("f", file_);
  struct Interrupting final : client::ProgressSink {
    Connection* connection = nullptr;
    std::uint64_t done = 0;
    void begin(std::string_view, std::uint64_t, std::uint64_t) override {}
    void advance(std::uint64_t bytes) override {
      if ((done += bytes) > size / 2) connection->abort(ErrorCode::interrupted);
    }
    void end(const Error*) override {}
  } interrupting;
  const auto ended = cut([&] {
    const auto connection = connect(bad_line());
    interrupting.connection = connection.get();
    const auto source = client::open_source(here("f")).value();
    (void)loop_.run(client::upload_file(*connection, source, "f", interrupting));
  });
  EXPECT_EQ(ended, ErrorCode::interrupted);
  EXPECT_LT(interrupting.done, size);
  EXPECT_EQ(stored("f"), "(none)");
  const auto connection = connect();
  ASSERT_TRUE(put(*connection));
  EXPECT_GE(progress_.resumed_at, interrupting.done);
}

}  // namespace
}  // namespace sampan::tests
